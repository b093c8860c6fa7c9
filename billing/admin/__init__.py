"""Money in the staff admin, by what it is about. Ledgers are read here and never edited.

Every module of this package is loaded.
"""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
