from django.urls import path

from local.customers.api import (
    ConsentView,
    ConsentWithdrawView,
    CustomersView,
    CustomerView,
    VisitsView,
)
from local.customers.views import counter, files, listing, person

urlpatterns = [
    path("customers/", listing.customer_list, name="local-customers"),
    path("customers/sample/", listing.customer_sample, name="local-customers-sample"),
    path("customers/add/", listing.customer_add, name="local-customer-add"),
    path("customers/export/", listing.customer_export, name="local-customers-export"),
    path("customers/counter/", counter.counter, name="local-counter"),
    path("customers/counter/lookup/", counter.lookup, name="local-counter-lookup"),
    path("customers/counter/undo/", counter.undo, name="local-counter-undo"),
    path("customers/import/", files.files, name="local-customers-import"),
    path("customers/import/<int:batch_id>/", files.file, name="local-customers-import-file"),
    path(
        "customers/import/<int:batch_id>/columns/",
        files.file_columns,
        name="local-customers-import-columns",
    ),
    path(
        "customers/import/<int:batch_id>/confirm/",
        files.file_confirm,
        name="local-customers-import-confirm",
    ),
    path(
        "customers/import/<int:batch_id>/discard/",
        files.file_discard,
        name="local-customers-import-discard",
    ),
    path(
        "customers/import/<int:batch_id>/undo/",
        files.file_undo,
        name="local-customers-import-undo",
    ),
    path(
        "customers/import/<int:batch_id>/refused.csv",
        files.file_refused,
        name="local-customers-import-refused",
    ),
    path("customers/<uuid:customer_id>/", person.person, name="local-customer"),
    path("customers/<uuid:customer_id>/edit/", person.edit, name="local-customer-edit"),
    path("customers/<uuid:customer_id>/consent/", person.consent, name="local-customer-consent"),
    path("customers/<uuid:customer_id>/withdraw/", person.withdraw, name="local-customer-withdraw"),
    path(
        "customers/<uuid:customer_id>/enquiry/", person.enquiry_add, name="local-customer-enquiry"
    ),
    path(
        "customers/<uuid:customer_id>/enquiry/<int:enquiry_id>/answered/",
        person.enquiry_answered,
        name="local-customer-enquiry-answered",
    ),
    path("customers/<uuid:customer_id>/join/", person.join, name="local-customer-join"),
    path("customers/<uuid:customer_id>/erase/", person.erase, name="local-customer-erase"),
]
api_urlpatterns = [
    path("customers", CustomersView.as_view(), name="api-local-customers"),
    path("customers/<uuid:customer_id>", CustomerView.as_view(), name="api-local-customer"),
    path(
        "customers/<uuid:customer_id>/consent",
        ConsentView.as_view(),
        name="api-local-customer-consent",
    ),
    path(
        "customers/<uuid:customer_id>/consent/withdraw",
        ConsentWithdrawView.as_view(),
        name="api-local-customer-consent-withdraw",
    ),
    path("visits", VisitsView.as_view(), name="api-local-visits"),
]
