"""Our WhatsApp line and MSG91's flow API on loopback, with the errors they document.

    python tests/twins/messages.py --port 8899

By recipient: a number ending in 01 has no WhatsApp, 02 is blocked for text messages, 03 both.
Templates: `code_login` and `notice` alone are approved. Faults: see twin_server.
"""

from typing import Any

from twin_server import Refusal, Request, Twin, main

TOKEN, KEY = "line-token", "sms-key"
TEMPLATES = {"code_login": 2, "notice": 1}
FLOWS = {"flow-code", "flow-notice"}


def _meta_error(status: int, code: int, message: str) -> Refusal:
    error = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code}
    return Refusal(status, {"error": {**error, "fbtrace_id": "Atwin"}})


class Messages(Twin):
    def __init__(self) -> None:
        super().__init__()
        self.route("POST", r"/v26\.0/(?P<line>\d+)/messages", self.whatsapp, is_writing=True)
        self.route("POST", r"/api/v5/flow/", self.flow, is_writing=True)

    def refuse_rate(self) -> Refusal:
        return _meta_error(400, 130429, "Rate limit hit")

    def whatsapp(self, request: Request) -> dict[str, Any]:
        if request.token != TOKEN:
            raise _meta_error(401, 190, "Error validating access token")
        body, template = request.body, request.body["template"]
        if template["name"] not in TEMPLATES:
            raise _meta_error(404, 132001, "Template name does not exist in the translation")
        if len(template["components"]) != TEMPLATES[template["name"]]:
            raise _meta_error(400, 132000, "Number of parameters does not match")
        if body["to"].endswith(("01", "03")):
            raise _meta_error(400, 131026, "Message undeliverable")
        self.record("whatsapp", to=body["to"], template=template)
        return {"messaging_product": "whatsapp", "messages": [{"id": "wamid.twin"}]}

    def flow(self, request: Request) -> dict[str, Any]:
        if request.headers.get("authkey") != KEY:
            said = {"status": "fail", "hasError": True, "errors": "Unauthorized", "code": "401"}
            raise Refusal(401, said)
        [recipient] = request.body["recipients"]
        if request.body["flow_id"] not in FLOWS:
            return {"message": "flow id missing or invalid", "type": "error"}
        if recipient["mobiles"].endswith(("02", "03")):
            return {"message": "Mobile number is blocked", "type": "error"}
        self.record("sms", flow=request.body["flow_id"], sender=request.body["sender"], **recipient)
        return {"message": "5762846b4f8d285d378b4567", "type": "success"}


if __name__ == "__main__":
    main("our messages", Messages, 8899)
