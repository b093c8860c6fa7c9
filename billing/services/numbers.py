"""The next number of a series: gapless, since it is taken in the transaction that uses it."""

from datetime import date

from billing.engine.numbering import financial_year, month_of, number_of
from billing.errors import PeriodLocked
from billing.models import PeriodLock, SeriesCounter, Supplier


def number_take(*, supplier: Supplier, series: str, issued_on: date) -> str:
    """Raise the series' counter and answer its number; others wait until this transaction ends.

    The last lock that a transaction takes. Rolled back, the number is free again. Raises
    PeriodLocked for a day whose return is filed.
    """
    counter = counter_lock(supplier=supplier, series=series, year=financial_year(issued_on))
    if PeriodLock.objects.filter(supplier=supplier, month=month_of(issued_on)).exists():
        raise PeriodLocked(month=month_of(issued_on))
    counter.last += 1
    counter.save(update_fields=["last"])
    return number_of(series, counter.financial_year, counter.last)


def counter_lock(*, supplier: Supplier, series: str, year: str) -> SeriesCounter:
    """The counter's row, made if need be, locked until the transaction ends."""
    wanted = {"supplier": supplier, "series": series, "financial_year": year}
    # Without a conflict's exception, which would end the caller's transaction.
    SeriesCounter.objects.bulk_create([SeriesCounter(**wanted)], ignore_conflicts=True)
    return SeriesCounter.objects.select_for_update().get(**wanted)
