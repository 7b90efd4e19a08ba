// «Таблица»: the owner's sheet, edited in place as in Google Sheets: Enter and Tab move on, arrows walk, several
// copied cells are pasted at once, Ctrl+Z takes back.
//
// What must stay true: what is being typed survives every update; cells are written in the order in which they
// were left; when writing fails, the cell shows what the sheet has; everything done here can be taken back.

import * as api from "./api.js";
import { address, isNumeric, letters, pasted, shown, typed } from "./cells.js";
import { attr, h, keyed, text } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { openMenu } from "./popups.js";

const SPARE_ROWS = 2; // empty ones below the last
const LEAST_ROWS = 10;
const LEAST_COLUMNS = 4;
const NARROWEST = 7; // characters of a column
const WIDEST = 26;
const CHARACTER = 0.58; // em, about
const NUMBERS = 40; // px, the column with the rows' numbers

export class SheetPanel {
  /** `look()` looks at the state anew, `report(words)` shows what went wrong, `read()` has the sheet read now. */
  constructor({ look, report, read }) {
    this.look = look;
    this.report = report;
    this.tab = 0;
    this.at = { row: 1, column: 0 };
    this.added = 0;
    this.pending = new Map();
    this.queue = Promise.resolve();
    /** How to take back what was done, the last at the end. */
    this.done = [];
    this.title = h("strong");
    this.kind = h("span.chat-status");
    this.readButton = h("button.quiet.with-icon", { type: "button", dataset: { testid: "sheet-read" }, onclick: read }, icon("refresh", 17), h("span"));
    this.columns = h("colgroup");
    this.lettersRow = h("tr");
    this.body = h("tbody");
    this.grid = h("table.grid", { role: "grid" }, this.columns, h("thead", {}, this.lettersRow), this.body);
    this.scroller = h("div.grid-scroller", {}, this.grid);
    this.tabs = h("div.sheet-tabs", { role: "tablist" });
    this.addRow = h("button.quiet.with-icon", { type: "button", dataset: { testid: "sheet-add-row" }, onclick: () => this.append() }, icon("plus", 16), h("span"));
    this.undoButton = h("button.quiet.with-icon", { type: "button", dataset: { testid: "sheet-undo" }, onclick: () => this.undo() }, icon("undo", 17), h("span"));
    this.hint = h("p.sheet-hint");
    this.element = h("section.sheet", { hidden: true, dataset: { testid: "sheet" } },
      h("header.sheet-head", {}, h("span.sheet-face", {}, icon("table", 24)), h("div.chat-title", {}, this.title, this.kind), this.readButton),
      this.scroller,
      h("footer.sheet-foot", {}, this.tabs, this.undoButton, this.addRow),
      this.hint);
    this.body.addEventListener("keydown", (event) => this.typedKey(event));
    this.body.addEventListener("paste", (event) => this.paste(event));
    this.body.addEventListener("focusin", ({ target }) => target.cell && this.enter(target));
    this.body.addEventListener("focusout", ({ target }) => target.cell && this.leave(target));
    // A click into a cell that had no focus selects it whole, like a step into it by the keyboard.
    this.body.addEventListener("pointerup", ({ target }) => {
      if (target.cell && this.fresh === target) target.select();
      this.fresh = null;
    });
  }

  /** `reading`: what reading it comes to: "fine", "away", "empty", "half". */
  update(sheet, reading = this.reading) {
    this.sheet = sheet;
    this.reading = reading;
    if (!sheet) return;
    attr(this.element, "data-sheet", sheet.id);
    text(this.title, sheet.title);
    const isFine = reading === "fine";
    text(this.kind, isFine ? t("sheetKind") : `${t("backstage")}: ${t(`sheet_${reading}`).toLowerCase()}`);
    this.kind.classList.toggle("bad", !isFine);
    text(this.readButton.lastChild, t("command_sync"));
    attr(this.readButton, "title", t("sheetReadHint"));
    text(this.addRow.lastChild, t("addRow"));
    text(this.undoButton.lastChild, t("sheetUndo"));
    attr(this.undoButton, "disabled", this.done.length ? null : "");
    text(this.hint, t("sheetHint"));
    attr(this.element, "aria-label", `${t("sheet")}: ${sheet.title}`);
    if (this.tab >= sheet.tabs.length) this.tab = 0;
    keyed(this.tabs, sheet.tabs, (tab) => tab.gid, (tab) => h("button.sheet-tab", { type: "button", role: "tab", dataset: { testid: "sheet-tab" }, onclick: () => this.open(tab.gid) }), (button, tab) => {
      text(button, tab.title);
      attr(button, "aria-selected", String(tab === sheet.tabs[this.tab]));
    });
    this.paint();
  }

  open(gid) {
    this.tab = this.sheet.tabs.findIndex((tab) => tab.gid === gid);
    this.at = { row: 1, column: 0 };
    this.added = 0;
    this.update(this.sheet);
    this.scroller.scrollTop = 0;
  }

  // The grid.

  paint() {
    const { rows, gid, title } = this.sheet.tabs[this.tab];
    this.width = Math.max(LEAST_COLUMNS, ...rows.map((row) => row.length));
    this.height = Math.max(LEAST_ROWS, this.filled() + SPARE_ROWS + this.added);
    this.at = { row: Math.min(this.at.row, this.height - 1), column: Math.min(this.at.column, this.width - 1) };
    attr(this.grid, "aria-label", title);
    const widths = [...Array(this.width).keys()].map((column) =>
      Math.min(WIDEST, Math.max(NARROWEST, ...rows.map((row) => shown(row[column]).length + 3))));
    this.paintWidths(widths);
    keyed(this.lettersRow, ["", ...widths.keys()], String, (column) => h("th", { scope: "col" }, column === "" ? "" : letters(column)));
    keyed(this.body, [...Array(this.height).keys()], (row) => `${gid} ${row}`, (row) => this.row(row), (element, row) => this.paintRow(element, row, rows[row] ?? []));
  }

  paintWidths(widths) {
    if (this.widths === widths.join()) return;
    this.widths = widths.join();
    const total = widths.reduce((sum, width) => sum + width, 0);
    this.grid.style.minWidth = `calc(${(total * CHARACTER).toFixed(1)}em + ${NUMBERS}px)`;
    this.columns.replaceChildren(h("col", { style: { width: `${NUMBERS}px` } }), ...widths.map((width) => h("col", { style: { width: `${(width / total) * 100}%` } })));
  }

  row(row) {
    const number = h("button", { type: "button", tabindex: "-1", dataset: { testid: "sheet-row" }, onclick: () => this.openRow(row, number) }, String(row + 1));
    return h("tr", {}, h("th", { scope: "row" }, number));
  }

  paintRow(element, row, cells) {
    attr(element.firstChild.firstChild, "aria-label", `${t("row")} ${row + 1}`);
    for (let column = 0; column < this.width; column += 1) {
      const input = element.children[column + 1]?.firstChild ?? this.cell(element, row, column);
      this.paintCell(input, cells[column]);
    }
    while (element.children.length > this.width + 1) element.lastChild.remove();
  }

  cell(element, row, column) {
    const input = h("input", { type: "text", spellcheck: "false", autocomplete: "off", autocapitalize: "off", enterkeyhint: "next", "aria-label": address(row, column), dataset: { testid: "cell", cell: address(row, column) } });
    input.cell = { gid: this.sheet.tabs[this.tab].gid, row, column };
    input.base = "";
    element.append(h("td", {}, input));
    return input;
  }

  paintCell(input, cell) {
    const { row, column } = input.cell;
    const isHere = row === this.at.row && column === this.at.column;
    attr(input, "tabindex", isHere ? "0" : "-1");
    const isTyped = input === document.activeElement && input.value !== input.base;
    if (isTyped || this.pending.has(this.key(input.cell))) return;
    const words = shown(cell);
    const wasWhole = input === document.activeElement && isWhole(input);
    input.base = words;
    if (input.value !== words) {
      input.value = words;
      if (wasWhole) input.select();
    }
    attr(input, "title", words.length > WIDEST ? words : null);
    input.classList.toggle("numeric", isNumeric(cell));
  }

  key = ({ gid, row, column }) => `${gid} ${row} ${column}`;
  input = ({ row, column }) => this.body.children[row]?.children[column + 1]?.firstChild;

  /** Rows up to the last one in which something stands. */
  filled() {
    const { rows } = this.sheet.tabs[this.tab];
    return rows.findLastIndex((row) => row.some((cell) => shown(cell) !== "")) + 1;
  }

  // Walking.

  enter(input) {
    const before = this.input(this.at);
    this.at = input.cell;
    if (before && before !== input) attr(before, "tabindex", "-1");
    attr(input, "tabindex", "0");
    this.fresh = input;
    input.select();
  }

  leave(input) {
    if (input.value !== input.base) this.write(input.cell, input.value);
  }

  /** Goes to a cell; false where there is none. */
  go(row, column) {
    const input = this.input({ row, column });
    if (column < 0 || !input) return false;
    input.focus();
    this.fresh = null;
    return true;
  }

  typedKey(event) {
    const input = event.target;
    if (!input.cell || event.isComposing) return;
    const { row, column } = input.cell;
    const { key, shiftKey } = event;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (this.undone(event, input)) return;
    const step = {
      Enter: () => this.go(row + (shiftKey ? -1 : 1), column) || this.leave(input),
      Tab: () => this.tabbed(row, column, shiftKey ? -1 : 1),
      ArrowUp: () => this.go(row - 1, column),
      ArrowDown: () => this.go(row + 1, column),
      ArrowLeft: () => isAtEdge(input, 0) && this.go(row, column - 1),
      ArrowRight: () => isAtEdge(input, input.value.length) && this.go(row, column + 1),
      Escape: () => { input.value = input.base; input.select(); return true; },
      F2: () => { input.setSelectionRange(input.value.length, input.value.length); return true; },
    }[key];
    const walks = key.startsWith("Arrow") && shiftKey;
    if (step && plain && !walks && step() !== false) event.preventDefault();
  }

  // Ctrl+Z belongs to the field while something is typed in it, whatever the keyboard's language.
  undone(event, input) {
    const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.code === "KeyZ";
    if (!isUndo || input.value !== input.base) return false;
    event.preventDefault();
    this.undo();
    return true;
  }

  undo() {
    this.done.pop()?.();
  }

  // From the end of a row to the next one; after an empty row the page goes on.
  tabbed(row, column, by) {
    const next = column + by;
    if (next >= 0 && next < this.width) return this.go(row, next);
    const isEmpty = [...this.body.children[row].querySelectorAll("input")].every((input) => !input.value);
    return isEmpty ? false : this.go(row + by, by > 0 ? 0 : this.width - 1);
  }

  // Writing.

  paste(event) {
    const { cell } = event.target;
    const block = cell && pasted(event.clipboardData?.getData("text/plain") ?? "");
    if (!block) return;
    event.preventDefault();
    const before = [];
    block.forEach((line, down) => line.forEach((words, across) => {
      const place = { gid: cell.gid, row: cell.row + down, column: cell.column + across };
      const input = this.input(place);
      if (input) input.value = words;
      before.push([place, this.value(place)]);
      this.put(place, words, typed(words));
    }));
    this.done.push(() => before.forEach(([place, value]) => this.put(place, shown(value), value)));
  }

  write(cell, words) {
    const before = this.value(cell);
    this.done.push(() => this.put(cell, shown(before), before));
    this.put(cell, words, typed(words));
  }

  value = ({ gid, row, column }) => this.sheet.tabs.find((tab) => tab.gid === gid).rows[row]?.[column] ?? null;

  put(cell, words, value) {
    const key = this.key(cell);
    const { id, tabs } = this.sheet;
    const tab = tabs.find(({ gid }) => gid === cell.gid).title;
    const input = this.input(cell);
    if (input?.cell.gid === cell.gid) Object.assign(input, { base: words, value: words });
    this.pending.set(key, (this.pending.get(key) ?? 0) + 1);
    this.queue = this.queue.then(() => api.writeCell(id, { tab, cell: address(cell.row, cell.column), value }))
      .catch((error) => this.report(`${t("failed")}: ${error.message}`))
      .then(() => this.look()).catch(() => {})
      .finally(() => {
        const left = this.pending.get(key) - 1;
        if (left) this.pending.set(key, left);
        else this.pending.delete(key);
        this.paint();
      });
  }

  append() {
    const row = this.filled();
    if (row + 1 >= this.height) {
      this.added += 1;
      this.paint();
    }
    this.go(row, 0);
  }

  openRow(row, place) {
    openMenu(place, [
      { icon: "plus", label: t("rowAbove"), testid: "row-insert", run: () => this.rewrite((rows) => rows.splice(row, 0, [])) },
      { icon: "trash", label: t("rowDelete"), danger: true, testid: "row-delete", run: () => this.rewrite((rows) => rows.splice(row, 1)) },
    ]);
  }

  // Rows come and go: the tab is written anew, and taken back whole.
  rewrite(change) {
    const { gid } = this.sheet.tabs[this.tab];
    this.putRows(gid, (before) => {
      const after = [...before];
      change(after);
      this.done.push(() => this.putRows(gid, () => before));
      return after;
    });
  }

  putRows(gid, change) {
    this.queue = this.queue.then(async () => {
      const { id, title, shared, published, tabs } = this.sheet;
      const copies = tabs.map((tab) => ({ title: tab.title, gid: tab.gid, rows: tab.gid === gid ? change(tab.rows) : tab.rows }));
      await api.putSheet(id, { title, shared, published, tabs: copies });
      await this.look();
    }).catch((error) => this.report(`${t("failed")}: ${error.message}`));
  }
}

const isWhole = (input) => input.selectionStart === 0 && input.selectionEnd === input.value.length;

// Arrows walk from a cell that is selected whole, and from its edges while one types.
const isAtEdge = (input, edge) => isWhole(input) || (input.selectionStart === edge && input.selectionEnd === edge);
