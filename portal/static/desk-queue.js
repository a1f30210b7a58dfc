/** The queue: the server renders and escapes the rows, this puts them in place and keeps the focus. */

export function watchQueue(body, live) {
  live.listen(body.dataset.events, {
    queue: ({ html }) => {
      const focused = document.activeElement?.closest?.("[data-ticket]")?.dataset.ticket;
      const table = new DOMParser().parseFromString(`<table><tbody>${html}</tbody></table>`, "text/html");
      body.replaceChildren(...table.querySelectorAll("tr"));
      if (focused) body.querySelector(`[data-ticket="${CSS.escape(focused)}"] a`)?.focus();
    },
  });
}
