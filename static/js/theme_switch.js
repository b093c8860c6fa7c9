// components/theme_switch.html: light, dark or as the device says; kept on this device only.
const themes = { light: "day", dark: "night" };

function chosenTheme() {
  try {
    const stored = localStorage.getItem("theme");
    return stored in themes ? stored : "system";
  } catch {
    return "system";
  }
}

function storeTheme(choice) {
  try {
    if (choice === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", choice);
  } catch {
    // The choice then lasts as long as this page.
  }
}

export function themeSwitch() {
  return {
    init() {
      const current = chosenTheme();
      for (const input of this.$root.querySelectorAll("input[type=radio]")) {
        input.checked = input.value === current;
      }
    },
    choose(event) {
      const choice = event.target.value;
      storeTheme(choice);
      if (choice in themes) document.documentElement.dataset.theme = themes[choice];
      else delete document.documentElement.dataset.theme;
    },
  };
}
