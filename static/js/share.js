// Share today's post from the phone: components/share_bar.html.
//   x-data="sharePost" on an element that holds the previews and the buttons, with
//   data-poster="URL of the full PNG"  data-filename="…png"  data-title="…"
//   data-done-shared / -copied / -saved / -failed / -fallback: sentences to announce.
// The caption is the text of the visible [data-share-caption]; a visible [data-share-poster]
// overrides the poster (one poster per language).
// The poster is fetched when the page is idle, because the share sheet must open within the tap:
// a browser refuses navigator.share() once a download has used up the user's activation.
import { writeClipboard } from "./clipboard.js";

const fetched = new Map();

function whenIdle(work) {
  if ("requestIdleCallback" in window) window.requestIdleCallback(work, { timeout: 4000 });
  else window.setTimeout(work, 1200);
}

async function fetchPoster(url, filename) {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`poster answered ${answer.status}`);
  const blob = await answer.blob();
  return new File([blob], filename, { type: blob.type || "image/png" });
}

function keepPoster(url, filename) {
  if (!fetched.has(url)) {
    const entry = { file: null };
    entry.promise = fetchPoster(url, filename).then(
      (file) => (entry.file = file),
      () => fetched.delete(url) && null,
    );
    fetched.set(url, entry);
  }
  return fetched.get(url);
}

// A tap stays valid for a few seconds; past three the poster is saved instead of shared.
function soon(promise) {
  return Promise.race([promise, new Promise((done) => window.setTimeout(done, 3000, null))]);
}

function isVisible(element) {
  return element.getClientRects().length > 0;
}

function saveFile(file) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

export function sharePost() {
  return {
    announcement: "",

    init() {
      whenIdle(() => this.prefetch());
      this.$root.addEventListener("change", () => whenIdle(() => this.prefetch()));
    },

    visible(selector) {
      return [...this.$root.querySelectorAll(selector)].find(isVisible);
    },

    caption() {
      const element = this.visible("[data-share-caption]");
      return (element?.value ?? element?.innerText ?? this.$root.dataset.caption ?? "").trim();
    },

    poster() {
      const chosen = this.visible("[data-share-poster]");
      const url = chosen?.dataset.sharePoster || this.$root.dataset.poster || "";
      const filename = chosen?.dataset.filename || this.$root.dataset.filename || "poster.png";
      return { url, filename };
    },

    prefetch() {
      const { url, filename } = this.poster();
      if (url) keepPoster(url, filename);
    },

    say(name) {
      this.announcement = "";
      this.$nextTick(() => (this.announcement = this.$root.dataset[name] ?? ""));
    },

    async share() {
      const { url, filename } = this.poster();
      const copying = writeClipboard(this.caption());
      const kept = url ? keepPoster(url, filename) : null;
      // No await when the poster is here already: Safari opens the sheet only within the tap.
      const file = kept && (kept.file ?? (await soon(kept.promise)));
      const content = { title: this.$root.dataset.title ?? "" };
      if (file) content.files = [file];
      else content.text = this.caption();
      if (!navigator.share || (file && !navigator.canShare?.(content)) || (url && !file)) {
        await copying;
        return this.shareByHand();
      }
      try {
        await navigator.share(content);
        this.say("doneShared");
      } catch (error) {
        if (error.name !== "AbortError") await this.shareByHand();
      }
    },

    // No share sheet on this device: the caption is copied and the poster saved instead.
    async shareByHand() {
      const isSaved = await this.savePoster();
      this.say(isSaved ? "doneFallback" : "doneCopied");
    },

    async copy() {
      this.say((await writeClipboard(this.caption())) ? "doneCopied" : "doneFailed");
    },

    async download() {
      this.say((await this.savePoster()) ? "doneSaved" : "doneFailed");
    },

    async savePoster() {
      const { url, filename } = this.poster();
      if (!url) return false;
      const file = await keepPoster(url, filename).promise;
      if (file) saveFile(file);
      return Boolean(file);
    },
  };
}
