"use strict";
const search = document.querySelector("nav input");
search.hidden = false;
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const group of document.querySelectorAll("nav section")) {
    let shown = 0;
    for (const item of group.querySelectorAll("li")) {
      item.hidden = !words.every((word) => item.dataset.words.includes(word));
      shown += item.hidden ? 0 : 1;
    }
    group.hidden = shown === 0;
  }
});
for (const sample of document.querySelectorAll(".sample")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(sample.querySelector("pre").textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(sample.querySelector("pre"));
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  sample.prepend(button);
}
const menu = document.querySelector("nav details");
const narrow = matchMedia("(max-width: 48rem)");
const fold = () => { menu.open = !narrow.matches; };
narrow.addEventListener("change", fold);
fold();
document.querySelector("nav").addEventListener("click", (event) => {
  if (narrow.matches && event.target.closest("li a")) menu.open = false;
});
