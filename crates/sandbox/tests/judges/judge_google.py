"""An unmodified google-api-python-client reads a sheet of the sandbox with the emulated key file.

Usage: judge_google.py BASE_URL
It plays the owner through /sandbox. Prints "judged" when all is well.
"""

import json
import sys
import tempfile
import urllib.request

from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2 import service_account
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

BASE = sys.argv[1]
READONLY = "https://www.googleapis.com/auth/spreadsheets.readonly"
ROWS = [["email", "paid until", "price"], ["anna@example.org", "01.03.2026", {"value": 1990, "shown": "1 990,00 ₽"}], [], ["b@example.org"], [""]]


def hand(path, body=None, method=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{BASE}/sandbox/{path}", data=data, method=method)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def service(scope=READONLY):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(hand("google/key"), file)
        file.flush()
        credentials = service_account.Credentials.from_service_account_file(file.name, scopes=[scope])
    return build("sheets", "v4", credentials=credentials, client_options={"api_endpoint": BASE})


def refused(request):
    try:
        request.execute()
    except HttpError as error:
        return error.status_code, error.reason
    raise SystemExit(f"{request.uri}: expected an error")


def reading(sheets):
    about = sheets.get(spreadsheetId="s1").execute()
    titles = [tab["properties"]["title"] for tab in about["sheets"]]
    assert titles == ["Клиенты", "It's"], about
    titles = sheets.get(spreadsheetId="s1", fields="sheets.properties.title").execute()
    assert titles["sheets"][1] == {"properties": {"title": "It's"}}, titles
    values = sheets.values()
    whole = values.get(spreadsheetId="s1", range="Клиенты").execute()
    assert whole["range"] == "'Клиенты'!A1:Z1000", whole
    assert whole["values"][1] == ["anna@example.org", "01.03.2026", "1 990,00 ₽"], whole
    assert whole["values"][2:] == [[], ["b@example.org"]], whole
    both = values.batchGet(
        spreadsheetId="s1",
        ranges=["'Клиенты'!A:C", "'It''s'!A1:B2"],
        valueRenderOption="UNFORMATTED_VALUE",
        dateTimeRenderOption="FORMATTED_STRING",
        majorDimension="ROWS",
    ).execute()
    assert both["valueRanges"][0]["values"][1][2] == 1990, both
    assert "values" not in both["valueRanges"][1], both


def refusals(sheets):
    values = sheets.values()
    assert refused(values.get(spreadsheetId="s1", range="Nowhere!A1")) == (400, "Unable to parse range: Nowhere!A1")
    assert refused(values.get(spreadsheetId="none", range="A1"))[0] == 404
    hand("google/sheets/s1", {"shared": False}, method="PATCH")
    assert refused(values.get(spreadsheetId="s1", range="A1")) == (403, "The caller does not have permission")
    hand("google/sheets/s1", {"shared": True}, method="PATCH")
    hand("faults", {"messenger": "google", "method": "values", "kind": "too_many"})
    assert refused(values.get(spreadsheetId="s1", range="A1"))[0] == 429
    hand("faults", {"messenger": "google", "method": "values", "kind": "error", "status": 503})
    again = values.get(spreadsheetId="s1", range="A1").execute(num_retries=1)
    assert again["values"] == [["email"]], again


def tokens(sheets):
    hand("clock", {"advance": 3600})
    # The client is told 401 and gets a new token by itself.
    sheets.get(spreadsheetId="s1").execute()
    key = hand("google/key")
    key["client_email"] = "stranger@example.org"
    stranger = service_account.Credentials.from_service_account_info(key, scopes=[READONLY])
    try:
        stranger.refresh(Request())
    except RefreshError as error:
        assert "account not found" in str(error), error
    else:
        raise SystemExit("a stranger got a token")


def main():
    hand("google/sheets/s1", {"tabs": [{"title": "Клиенты", "rows": ROWS}, {"title": "It's"}]}, method="PUT")
    sheets = service().spreadsheets()
    reading(sheets)
    refusals(sheets)
    tokens(sheets)
    violations = hand("violations")["violations"]
    assert not violations, violations
    calendar = service("https://www.googleapis.com/auth/calendar").spreadsheets()
    assert refused(calendar.get(spreadsheetId="s1"))[0] == 403
    print("judged")


main()
