"""The pages of the sandbox gateway: a card with an amount and three buttons, in plain HTML."""

import hashlib
import hmac
import html
from datetime import UTC, datetime
from urllib.parse import urlencode


def rupees(paise):
    """117882 -> '₹1,178.82', 2950000 -> '₹29,500'."""
    whole, rest = divmod(paise, 100)
    digits = str(whole)
    head, groups = digits[:-3], [digits[-3:]]
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    return "₹" + ",".join(groups) + (f".{rest:02d}" if rest else "")


STYLE = """
:root { color-scheme: light dark; --paper: #f3f4f6; --card: #ffffff; --ink: #171a21;
  --quiet: #4b5160; --line: #d5d9e0; --main: #14532d; --main-ink: #ffffff; --note: #fef3c7;
  --note-ink: #573b00; }
@media (prefers-color-scheme: dark) { :root { --paper: #12151b; --card: #1c2029; --ink: #eef0f4;
  --quiet: #b4bac6; --line: #3a4150; --main: #86d7a5; --main-ink: #06210f; --note: #3b2f0b;
  --note-ink: #fbe6a8; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100dvh; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
.note { margin: 0; padding: 10px 16px; background: var(--note); color: var(--note-ink);
  text-align: center; }
main { max-width: 440px; margin: 0 auto; padding: 32px 16px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px;
  padding: 24px; }
h1 { margin: 0 0 4px; font-size: 18px; }
p { margin: 0 0 16px; }
.quiet { color: var(--quiet); }
.amount { font-size: 36px; line-height: 1.2; font-weight: 650; margin: 20px 0 0;
  font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: 1fr auto; gap: 10px 16px; margin: 20px 0;
  padding: 16px 0; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
dt { color: var(--quiet); } dd { margin: 0; text-align: end; overflow-wrap: anywhere; }
form { display: grid; gap: 12px; }
button, .button { display: block; width: 100%; min-height: 48px; padding: 12px; border-radius: 10px;
  font: inherit; font-weight: 600; text-align: center; cursor: pointer; text-decoration: none;
  border: 1px solid var(--quiet); background: transparent; color: var(--ink); }
.main { background: var(--main); border-color: var(--main); color: var(--main-ink); }
.plain { border-color: transparent; text-decoration: underline; font-weight: 400; }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px; }
"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Sandbox payments</title><link rel="stylesheet" href="/pay.css"></head>
<body><header><p class="note">Sandbox payments — no money moves</p></header>
<main><div class="card"><h1>{title}</h1>{body}</div></main></body></html>"""
PAY = """<p class="quiet">{what}</p>
<p class="amount">{amount}</p><p class="quiet">including 18% GST, {when}</p>
<dl><dt>Order</dt><dd>{order}</dd><dt>Pay with</dt><dd>Test card ···· 4242</dd></dl>
<form method="post"><button class="main" name="action" value="pay">Pay {amount}</button>
<button name="action" value="decline">Decline the payment</button>
<button class="plain" name="action" value="cancel">Cancel and go back</button></form>"""


def pay_page(checkout):
    every = checkout["interval"]
    plan = html.escape(str(checkout["plan"]).capitalize())
    body = PAY.format(
        what=f"{plan} plan, paid {every}ly" if every else html.escape(checkout["description"]),
        when=_when(checkout, every),
        amount=rupees(checkout["amount"]),
        order=html.escape(str(checkout["reference"])[:8]),
    )
    return PAGE.format(title="Payment", body=body)


def _when(checkout, every):
    if not every:
        return "once"
    starts_at = checkout.get("starts_at")
    if starts_at:
        return f"every {every} from {datetime.fromtimestamp(starts_at, UTC):%d %b %Y}"
    return f"now and every {every}"


def manage_page(subscription):
    words = f"Charged {rupees(subscription['amount'])} every {subscription['interval']}."
    body = (
        f'<p class="quiet">{words} Mandate: {html.escape(subscription["mandate"]["status"])}.</p>'
        '<form method="post"><button class="main">Use another test card</button></form>'
    )
    return PAGE.format(title="Payment method", body=body)


def message_page(title, sentence, back=""):
    link = f'<a class="button main" href="{html.escape(back)}">Go back to the shop</a>'
    body = f"<p>{html.escape(sentence)}</p>{link if back else ''}"
    return PAGE.format(title=html.escape(title), body=body)


def return_address(checkout, result, secret):
    joint = "&" if "?" in checkout["return_url"] else "?"
    signed = f"{checkout['id']}|{result}".encode()
    signature = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    query = {"checkout": checkout["reference"], "result": result, "signature": signature}
    return f"{checkout['return_url']}{joint}{urlencode(query)}"
