/** Keep the demo outbox fresh without moving what one is reading: only new messages are put in front. */

const EVERY_MS = 2000;
const list = document.getElementById("messages");
const news = document.getElementById("news");
const ids = (root) => [...root.querySelectorAll("[data-id]")].map((item) => item.dataset.id);

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("messages");
  const known = new Set(ids(list));
  if (ids(fresh).every((id) => known.has(id)) && ids(fresh).length === known.size) return;
  list.replaceChildren(...fresh.childNodes);
  news.textContent = "";
  setTimeout(() => (news.textContent = news.dataset.text), 100);
}

async function loop() {
  try {
    await refresh();
  } catch {
    // No connection: the next round tries again.
  }
  setTimeout(loop, EVERY_MS);
}

document.addEventListener("visibilitychange", () => refresh().catch(() => {}));
setTimeout(loop, EVERY_MS);
