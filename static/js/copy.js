// A button that copies a text: components/copy_button.html.
//   x-data="copyText" data-copy="the text"   or   data-copy-from="id of an element"
//   data-done / data-failed: the sentence announced afterwards.
import { writeClipboard } from "./clipboard.js";

export function copyText() {
  return {
    announcement: "",
    async copy() {
      const { copy, copyFrom, done, failed } = this.$root.dataset;
      const source = copyFrom ? document.getElementById(copyFrom) : null;
      const text = copy ?? source?.value ?? source?.textContent ?? "";
      this.announcement = "";
      this.announcement = (await writeClipboard(text.trim())) ? done : failed;
    },
  };
}
