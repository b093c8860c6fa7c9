// Loaded before the style sheet, without defer, so that a chosen theme never flashes.
// "system" is the absence of a choice: the style sheet then follows the device.
const themes = { light: "day", dark: "night" };
try {
  const theme = themes[localStorage.getItem("theme")];
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Storage is closed in some private windows; the device's own setting then decides.
}
