// Every page loads this once, deferred. htmx and Alpine's CSP build only: nothing is evaluated.
import "./globals.js";

import htmx from "htmx.org";
import Alpine from "@alpinejs/csp";

import { copyText } from "./copy.js";
import { openDialogs } from "./dialog.js";
import { guardForms } from "./forms.js";
import { passkeyButton } from "./passkeys.js";
import { resendTimer } from "./resend.js";
import { sharePost } from "./share.js";
import { themeSwitch } from "./theme_switch.js";

htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;
htmx.config.scrollIntoViewOnBoost = false;
window.htmx = htmx;

Alpine.data("copyText", copyText);
Alpine.data("passkeyButton", passkeyButton);
Alpine.data("resendTimer", resendTimer);
Alpine.data("sharePost", sharePost);
Alpine.data("themeSwitch", themeSwitch);
window.Alpine = Alpine;

openDialogs();
guardForms();
Alpine.start();
