// The pages work without this. With it, progress moves by itself, and drafts are looked over by keyboard.
"use strict";

const announce = (text) => { document.getElementById("announce").textContent = text; };

// progress of jobs; the page is loaded anew once something ends
async function watch() {
  const cards = [...document.querySelectorAll("[data-job]")].filter((card) => ["waiting", "running"].includes(card.dataset.state));
  if (!cards.length) return;
  for (const card of cards) {
    try {
      const answer = await fetch(`/api/v1/jobs/${card.dataset.job}`);
      if (!answer.ok) return;
      const job = await answer.json();
      if (job.state !== card.dataset.state) return void location.reload();
      const bar = card.querySelector("progress");
      if (bar && job.total) {
        bar.max = job.total;
        bar.value = job.done;
        const text = card.querySelector(".progress .quiet");
        if (text) text.textContent = card.dataset.said.replace("{done}", job.done.toLocaleString()).replace("{total}", job.total.toLocaleString());
      }
    } catch { /* the network is away; ask again */ }
  }
  setTimeout(watch, 2000);
}
setTimeout(watch, 1000);

// the queue: digits choose, Enter keeps and goes on, j and k turn the pages
const queue = document.querySelector("form[data-queue]");
if (queue) {
  const fields = [...queue.querySelectorAll("fieldset[data-field]")];
  const fieldOf = (part) => part && part.closest("fieldset[data-field]");
  const current = () =>
    fieldOf(document.activeElement) || fields.find((field) => !field.querySelector("input[type=radio]:checked")) || fields[0];
  document.addEventListener("keydown", (event) => {
    const at = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (at.matches("textarea, select, input:not([type=radio]):not([type=checkbox])")) return;
    if (event.key === "j" || event.key === "k") {
      const way = document.getElementById(event.key === "j" ? "queue-after" : "queue-before");
      if (way) location.assign(way.href);
      return;
    }
    if (/^[1-9]$/.test(event.key)) {
      const field = current();
      const choice = field && field.querySelectorAll("input[type=radio]")[Number(event.key) - 1];
      if (!choice) return;
      event.preventDefault();
      choice.checked = true;
      announce(`${field.querySelector("legend").textContent}: ${choice.closest("label").querySelector(".choice-text").textContent}`);
      const next = fields.find((each) => !each.querySelector("input[type=radio]:checked"));
      ((next && next.querySelector("input[type=radio]")) || queue.querySelector("button[name=go]")).focus();
      return;
    }
    if (event.key === "Enter" && (at === document.body || at.id === "content" || at.matches("input[type=radio], input[type=checkbox]"))) {
      event.preventDefault();
      queue.requestSubmit(queue.querySelector("button[name=go]"));
    }
  });
}
