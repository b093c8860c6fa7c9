"""Overview, Insights and Data as vikram sees them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from enterprise.data_sources.models import ImportBatch, MetricPoint
from marketing_platform.tenants.context import tenant_context

CONTENT = b"Date,Orders\n2026-01-01,3\n2026-01-02,many\n2026-01-03,4\n"


@pytest.fixture
def client(workspace_client, enterprise_tenant, vikram):
    return workspace_client(enterprise_tenant, vikram)


def upload(client, content=CONTENT, name="orders.csv"):
    return client.post("/data/upload/", {"file": SimpleUploadedFile(name, content)})


def test_a_new_workspace_opens_with_a_labelled_sample(client):
    page = client.get("/").content.decode()
    assert "Sample data" in page
    assert "Meta Ads · cost per lead moved up by about" in page
    assert "<svg" in page and 'style="' not in page
    assert page.count("<h1") == 1


def test_clearing_the_sample_leaves_an_empty_state(client):
    client.get("/")
    assert client.post("/data/sample/clear/").status_code == 302
    page = client.get("/").content.decode()
    assert "No figures yet" in page
    client.post("/data/sample/show/")
    assert "Sample data" in client.get("/").content.decode()


def test_insights_tell_what_is_not_clear_too(client):
    client.get("/")
    page = client.get("/insights/").content.decode()
    assert "Looked at, nothing clear" in page
    assert "How we know, and what this cannot tell" in page


def test_pages_speak_hindi_without_breaking(client):
    client.cookies["django_language"] = "hi"
    for url in ("/", "/insights/", "/data/", "/settings/company/"):
        assert client.get(url).status_code == 200


def test_an_upload_is_previewed_then_imported(client, enterprise_tenant):
    answer = upload(client)
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert "1 row has a problem" in page
    assert "This is not a number." in page
    assert "Import the 2 good rows" in page
    refused = client.post(answer["Location"] + "import/")
    assert refused.status_code == 409
    done = client.post(answer["Location"] + "import/", {"good_rows_only": "yes"})
    assert done["Location"] == "/"
    with tenant_context(enterprise_tenant):
        assert MetricPoint.objects.count() == 2
        batch = ImportBatch.objects.get(source__is_sample=False)
    assert "orders.csv" in client.get("/data/").content.decode()
    client.post(f"/data/imports/{batch.pk}/undo/")
    with tenant_context(enterprise_tenant):
        assert MetricPoint.objects.count() == 0


def test_the_columns_can_be_changed_on_the_page(client, enterprise_tenant):
    place = upload(client)["Location"]
    chosen = {
        "kind": "metrics", "source_name": "Shop", "date_order": "dmy",
        "column_0": "date", "column_1": "ignore",
    }  # fmt: skip
    assert client.post(place, chosen).status_code == 302
    assert "Choose at least one column with a figure." in client.get(place).content.decode()


def test_an_old_upload_leads_back_to_data(client):
    for path in ("/data/drafts/999/", "/data/drafts/999/import/", "/data/drafts/999/discard/"):
        answer = client.post(path)
        assert (answer.status_code, answer["Location"]) == (302, "/data/")


def test_bad_uploads_are_said_on_the_page(client):
    assert "This is a PDF" in upload(client, b"%PDF-1.7").content.decode()
    assert upload(client, b"").status_code == 422
    assert client.post("/data/upload/", {}).status_code == 422


def test_a_viewer_may_look_but_not_change(client, enterprise_tenant, meera, workspace_client):
    from marketing_platform.users.models import Membership

    Membership.objects.create(user=meera, tenant=enterprise_tenant, role="viewer")
    viewer = workspace_client(enterprise_tenant, meera)
    assert viewer.get("/").status_code == 200
    assert "Clear the sample" not in viewer.get("/").content.decode()
    assert upload(viewer).status_code == 403
    with tenant_context(enterprise_tenant):
        assert ImportBatch.objects.filter(state="draft").count() == 0


def test_html_in_a_file_is_shown_as_text(client):
    content = b"Date,<script>alert(1)</script>\n2026-01-01,3\n2026-01-02,<img src=x>\n"
    page = client.get(upload(client, content)["Location"]).content.decode()
    assert "<script>alert" not in page and "<img src=x>" not in page
