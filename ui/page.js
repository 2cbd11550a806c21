// What the browser does by itself: keys, choosing what is shown, settings in cookies. All words come from Python, as text.
window.Page = (() => {
  const year = 31536000;
  const cookie = (name) => document.cookie.split("; ").find((c) => c.startsWith(name + "="))?.split("=")[1];
  const by = (selector) => document.querySelector(selector);
  const box = () => by("#box textarea, #box input");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const PARTS = "#top, #aside, #history, #live, #hint, #filter, #panel, #status, #progress, #reasons, #found, #table, #values, #fetch, #models";
  const partOf = (element) => element.closest(PARTS).id; // Gradio gives us an element inside the part
  let chosen = null; // the mark or card whose document is open
  let narrowing = false, narrowed = false; // the fields that narrow the search are open; something was pressed there
  let told = false; // the terms of a model, or why it can't be fetched, are shown
  let turned = null; // the button that turned its page, or showed more of it, and where the panel was then
  let zoom = 1; // of a page, whose width is the panel's at 1

  function theme() {
    const wish = cookie("theme") || "system";
    document.body?.classList.toggle("dark", wish === "dark" || (wish === "system" && dark.matches));
  }

  function show(view) {
    document.body.dataset.view = view;
    document.querySelectorAll("#top .tab").forEach((tab) => tab.setAttribute("aria-current", tab.dataset.view === view));
    delete document.body.dataset.menu;
    by("#settings[open]")?.close();
    if (view === "chat") box()?.focus();
  }

  // Each returns true when the button's event is to be sent on to Python.
  const acts = {
    view: (button) => show(button.dataset.view),
    setup: () => {
      show("setup");
      return true;
    },
    menu: () => ("menu" in document.body.dataset ? delete document.body.dataset.menu : (document.body.dataset.menu = "")) && false,
    settings: () => {
      const dialog = by("#settings");
      dialog.open ? dialog.close() : dialog.showModal();
    },
    sure: (button) => {
      if (button.dataset.armed) return true;
      const label = button.innerHTML;
      button.dataset.armed = "yes";
      button.textContent = button.dataset.sure;
      setTimeout(() => { button.innerHTML = label; delete button.dataset.armed; }, 4000);
    },
    copy: async (button) => {
      const text = button.dataset.copy;
      try {
        await navigator.clipboard.writeText(text);
      } catch { // not a secure context
        const area = Object.assign(document.createElement("textarea"), { value: text });
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
      }
      button.classList.add("done");
      const title = button.title;
      button.title = button.dataset.done;
      button.setAttribute("aria-label", button.dataset.done);
      setTimeout(() => { button.classList.remove("done"); button.title = title; button.setAttribute("aria-label", title); }, 2000);
    },
    remember: (button) => {
      document.cookie = `view=${button.dataset.keep}; Path=/; Max-Age=${10 * year}; SameSite=Strict`;
      return true;
    },
    zoom: (button) => {
      zoom = button.dataset.zoom === "in" ? Math.min(zoom * 1.5, 4) : 1;
      zoomed();
      (by("#current-quote") || by("#panel .sheet")).scrollIntoView({ block: "center", inline: "start" });
    },
    expected: (button, trigger) => {
      const said = button.parentElement.querySelector("textarea").value;
      trigger("like", { ...JSON.parse(button.dataset.value), expected: said });
    },
    narrow: (button, trigger) => {
      const fields = [...button.closest(".filter-form").querySelectorAll("input")];
      const told = Object.fromEntries(fields.filter((f) => f.type === "text").map((f) => [f.name, f.value]));
      trigger("apply", { ...told, languages: fields.filter((f) => f.checked).map((f) => f.value) });
    },
    rename: (button, trigger) => {
      const item = button.closest("li");
      const input = Object.assign(document.createElement("input"), { value: item.querySelector(".open").textContent, maxLength: 80 });
      input.setAttribute("aria-label", button.title);
      const leave = () => {
        input.removeEventListener("blur", leave); // removing it takes its focus, which would bring us here again
        input.remove();
        item.classList.remove("renaming");
      };
      input.addEventListener("keydown", (event) => {
        event.stopPropagation();
        if (event.key === "Enter" && input.value.trim()) {
          trigger("edit", { ...JSON.parse(button.dataset.value), title: input.value });
          leave();
        } else if (event.key === "Escape") leave();
      });
      input.addEventListener("blur", leave);
      item.classList.add("renaming");
      item.prepend(input);
      input.select();
    },
  };

  function bind(element, trigger, watch) {
    theme();
    if (!document.body.dataset.view) document.body.dataset.view = "chat";
    const part = partOf(element);
    let timer;
    element.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button || !element.contains(button)) return;
      narrowed = part === "filter";
      const act = acts[button.dataset.act];
      if (act && !act(button, trigger)) return;
      if (!button.dataset.event) return;
      if (button.dataset.event === "select" && part !== "panel" && part !== "aside") chosen = button;
      if (button.dataset.event === "expand") turned = { keep: button.dataset.keep, top: by("#panel").scrollTop, height: by("#panel").scrollHeight };
      if (part === "aside" && button.dataset.event !== "delete") show("chat");
      trigger(button.dataset.event, JSON.parse(button.dataset.value || "{}"));
    });
    if (part === "filter")
      element.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "INPUT") return;
        event.preventDefault();
        element.querySelector("[data-act=narrow]").click();
      });
    element.addEventListener("input", (event) => {
      const field = event.target;
      if (!field.dataset.event) return;
      clearTimeout(timer);
      timer = setTimeout(() => trigger(field.dataset.event, { [field.name]: field.value }), 200);
    });
    element.addEventListener("change", (event) => {
      const field = event.target;
      if (field.dataset.act !== "set") return;
      document.cookie = `${field.name}=${field.value}; Path=/; Max-Age=${10 * year}; SameSite=Strict`;
      if (field.name === "theme") theme();
      if (field.name === "language") location.reload();
    });
    watch("value", () => updated(element, part));
    updated(element, part);
  }

  function updated(element, part) {
    if (element.querySelector("#settings")) {
      for (const [name, usual] of [["style", "written"], ["amount", "usual"], ["language", "auto"], ["theme", "system"]]) {
        const radio = element.querySelector(`input[name=${name}][value="${cookie(name) || usual}"]`);
        if (radio) radio.checked = true;
      }
      document.documentElement.lang = element.querySelector("[data-language]").dataset.language;
      document.querySelectorAll("#top .tab").forEach((tab) => tab.setAttribute("aria-current", tab.dataset.view === document.body.dataset.view));
    }
    const conversation = element.querySelector("[data-conversation]");
    if (conversation) {
      const id = conversation.dataset.conversation;
      const address = new URL(location.href);
      if ((address.searchParams.get("c") || "") !== id) {
        id ? address.searchParams.set("c", id) : address.searchParams.delete("c");
        history.replaceState(null, "", address);
      }
    }
    if (part === "live" || part === "history") follow();
    if (part === "filter") {
      const form = element.querySelector(".filter-form");
      if (form && !narrowing) form.querySelector("input").focus();
      else if (!form && narrowed) box()?.focus(); // what was pressed is gone
      [narrowing, narrowed] = [Boolean(form), false];
    }
    if (part === "fetch") {
      const terms = element.querySelector(".terms, .failed");
      if (terms && !told) terms.scrollIntoView({ block: "center" });
      if (terms && !told) terms.focus?.({ preventScroll: true });
      told = Boolean(terms);
    }
    if (part === "panel") {
      const open = element.querySelector(".text, .facsimile, .lost");
      open ? (document.body.dataset.sheet = "") : delete document.body.dataset.sheet;
      if (open) {
        opened(element);
      } else if (chosen?.isConnected) {
        chosen.focus({ preventScroll: true });
        chosen = null;
      }
    }
  }

  // The quoted words are brought into view; the button that turned the page stays where it is and keeps the focus.
  function opened(element) {
    zoomed();
    const quote = element.querySelector("#current-quote"), panel = by("#panel");
    const more = turned?.keep === "earlier" ? panel.scrollHeight - turned.height : turned?.keep === "later" ? 0 : null;
    if (more !== null) panel.scrollTop = turned.top + more;
    else if (quote) quote.scrollIntoView({ block: "center", inline: "start" });
    else panel.scrollTop = 0;
    const again = turned && element.querySelector(`button[data-keep="${turned.keep}"]:enabled`);
    (again || quote || element.querySelector("button"))?.focus({ preventScroll: true });
    turned = null;
  }

  function zoomed() {
    by("#panel .facsimile")?.style.setProperty("--zoom", zoom);
  }

  // The last question goes to the top when it is asked or its conversation opened, and stays there while it is answered.
  let followed, before;
  function follow() {
    const shown = by("#live .turn.live") ? "live" : by("#live .turn") && by("#live [data-conversation]").dataset.conversation;
    const earlier = document.querySelectorAll("#history .turn").length;
    if (shown && ((shown !== followed && followed !== "live") || earlier !== before))
      setTimeout(() => by("#live .turn")?.scrollIntoView({ block: "start" }));
    [followed, before] = [shown, earlier];
  }

  addEventListener("keydown", (event) => {
    const typing = event.target.matches?.("input, textarea, select");
    if (event.key === "Enter" && event.shiftKey && event.target === box()) {
      event.stopImmediatePropagation(); // a new line, which Gradio would take for a question
    } else if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      show("chat");
    } else if (event.key === "Escape" && !by("#settings[open]")) {
      const stop = by("#stop");
      const form = by("body:not([data-view=documents]) #filter [data-event=collapse]");
      const first = stop?.offsetParent && !event.target.closest?.("#filter") ? stop : form;
      const target = first || by("#hint [data-event=edit]") || by("#panel [data-event=collapse]");
      if (target) target.click();
      else delete document.body.dataset.menu;
    }
  }, true);
  dark.addEventListener("change", theme);
  addEventListener("DOMContentLoaded", theme);
  return { bind };
})();
