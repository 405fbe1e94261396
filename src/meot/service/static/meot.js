// The pages work without this. With it, a photo goes off as soon as it is given, and tapping a garment keeps the place.
"use strict";
document.documentElement.classList.add("script");

function show(form, selector, text) {
  const part = form.querySelector(selector);
  part.hidden = !text;
  const words = part.querySelector(".working-text") || part;
  words.textContent = text;
  return part;
}

function sendPhoto(form, input) {
  const file = input.files[0];
  if (!file) return;
  if (file.type && !file.type.startsWith("image/")) return void show(form, ".photo-fault", form.dataset.notAPhoto);
  if (file.size > Number(form.dataset.most) * 2 ** 20) return void show(form, ".photo-fault", form.dataset.tooLarge);
  show(form, ".photo-fault", "");
  const working = form.querySelector(".photo-working");
  const preview = form.querySelector(".photo-preview");
  preview.src = URL.createObjectURL(file);
  show(form, ".photo-working", working.dataset.working);
  for (const other of form.querySelectorAll("input[type=file]")) if (other !== input) other.value = "";
  form.submit();
}

function takeFiles(form, files) {
  const photo = [...files].find((file) => file.type.startsWith("image/")) || files[0];
  if (!photo) return;
  const input = form.querySelector("#chosen");
  const carried = new DataTransfer();
  carried.items.add(photo);
  input.files = carried.files;
  sendPhoto(form, input);
}

for (const form of document.querySelectorAll(".photo-form")) {
  for (const input of form.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => sendPhoto(form, input));
  }
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) takeFiles(form, event.clipboardData.files);
  });
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    takeFiles(form, event.dataTransfer.files);
  });
  window.addEventListener("pageshow", () => show(form, ".photo-working", "")); // back from the answer
}

// Only the newest tap counts: an older answer that comes late is thrown away.
let asked = null;

async function swapLook(address) {
  if (asked) asked.abort();
  asked = new AbortController();
  document.getElementById("look").classList.add("waiting");
  const answer = await fetch(address, { signal: asked.signal, headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("look");
  if (!answer.ok || !fresh) throw new Error("no look");
  const look = document.getElementById("look");
  look.querySelector("#results").replaceWith(fresh.querySelector("#results"));
  const old = [...look.querySelectorAll(".look-photo a[data-swap]")];
  const now = [...fresh.querySelectorAll(".look-photo a[data-swap]")];
  old.forEach((link, i) => now[i].hasAttribute("aria-current") ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current"));
  look.classList.remove("waiting");
  document.title = page.title;
  const says = [look.querySelector("#results-title"), look.querySelector(".shown, .nothing-heading")];
  document.getElementById("announce").textContent = says.map((part) => part?.textContent ?? "").join(". ");
  const top = look.querySelector("#results").getBoundingClientRect().top;
  if (top > window.innerHeight * 0.7) look.querySelector("#results").scrollIntoView({ behavior: "smooth" });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const address = link.getAttribute("href");
  swapLook(address.split("#")[0]).then(
    () => history.pushState({ look: true }, "", address.split("#")[0]),
    (fault) => fault.name === "AbortError" || location.assign(address),
  );
});

window.addEventListener("popstate", () => {
  if (document.getElementById("look")) swapLook(location.href).catch(() => location.reload());
});
