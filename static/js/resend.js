// "Send again" becomes available after data-seconds: components/resend_button.html.
// Without JavaScript the button simply works at once; the server keeps its own limit.
export function resendTimer() {
  return {
    seconds: 0,
    init() {
      this.seconds = Number(this.$root.dataset.seconds) || 0;
      const timer = window.setInterval(() => {
        this.seconds -= 1;
        if (this.seconds <= 0) window.clearInterval(timer);
      }, 1000);
    },
    get isWaiting() {
      return this.seconds > 0;
    },
    get label() {
      return this.isWaiting ? ` · ${this.seconds} s` : "";
    },
  };
}
