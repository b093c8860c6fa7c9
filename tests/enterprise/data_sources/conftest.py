"""Exports as the platforms write them, made here."""

import io
from datetime import date, timedelta

import pytest
from openpyxl import Workbook

from tests.twins_crm import crm_twins, running_crms  # noqa: F401

MONDAY = date(2026, 1, 5)


def days(count, step=7):
    return [MONDAY + timedelta(days=step * place) for place in range(count)]


@pytest.fixture
def google_file():
    """Two title lines, thousands separators, ' --' for nothing, totals at the end."""
    lines = [
        "Campaign report",
        '"1 January 2026 - 30 June 2026"',
        "Week,Campaign,Campaign status,Currency code,Cost,Impr.,Clicks,Conversions",
    ]
    for place, day in enumerate(days(8)):
        lines.append(f'{day},Search | Brand,Enabled,INR,"1,04,{500 + place}.50","12,345",310,21.00')
        lines.append(f"{day},Display,Enabled,INR,{2000 + place}, --,40, --")
    lines.append('Total: Campaigns, --, --,INR,"8,52,000.00","98,760","2,800",168.00')
    lines.append('Total: Account, --, --,INR,"8,52,000.00","98,760","2,800",168.00')
    return "\n".join(lines).encode("utf-8-sig")


@pytest.fixture
def meta_file():
    """The summary line comes first and names no campaign."""
    lines = [
        "Campaign name,Reporting starts,Reporting ends,Amount spent (INR),Impressions,"
        "Link clicks,Results,Result indicator",
        ",2026-01-05,2026-02-15,720000.00,900000,5000,600,lead",
    ]
    lines += [
        f"Kitchen range,{day},{day + timedelta(days=6)},{120000 + place}.25,150000,900,101,lead"
        for place, day in enumerate(days(6))
    ]
    return "\n".join(lines).encode()


@pytest.fixture
def linkedin_file():
    """UTF-16LE, tabs, five lines before the header, dates with the month first."""
    lines = [
        "Campaign Performance Report (in UTC)",
        "Report Start: January 5, 2026, 12:00 AM",
        "Report End: February 15, 2026, 11:59 PM",
        "Date Generated: February 16, 2026, 9:14 AM",
        "",
        "\t".join(
            ["Start Date (in UTC)", "Account Name", "Currency", "Campaign Name",
             "Total Spent", "Impressions", "Clicks", "Leads"]
        ),
    ]  # fmt: skip
    lines += [
        "\t".join(
            [f"{day.month}/{day.day}/{day.year}", "Veda", "INR", "Dealers", f"{30000 + place}.75",
             "9000", "120", "14"]
        )
        for place, day in enumerate(days(6))
    ]  # fmt: skip
    return "\n".join(lines).encode("utf-16")


@pytest.fixture
def leads_file():
    """A CRM's list: one row a lead, day first, with names that are not kept."""
    lines = ["Lead ID;Name;Phone;Lead Source;Created Date"]
    sources = ("Google Ads", "Facebook", "LinkedIn", "Walk-in")
    for place, day in enumerate(days(60, step=1)):
        lines.append(
            f"{place};अनीता देशमुख;+9198000000{place:02d};{sources[place % 4]};{day:%d/%m/%Y}"
        )
    return "\n".join(lines).encode()


@pytest.fixture
def metrics_file():
    lines = ["Week starting,Revenue (INR),Orders"]
    lines += [f"{day},₹{100 + place},{place % 7}" for place, day in enumerate(days(30))]
    return "\n".join(lines).encode()


@pytest.fixture
def workbook():
    def make(rows):
        book = Workbook()
        for row in rows:
            book.active.append(row)
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()

    return make
