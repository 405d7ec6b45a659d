// A line to copy. The clipboard is there on secure pages only (https, or this machine); elsewhere the old command does it.
const SAID_MS = 2500;

async function copy(input) {
  try {
    await navigator.clipboard.writeText(input.value);
    return true;
  } catch {
    input.select();
    return document.execCommand("copy");
  }
}

export default function ({ data, parentElement }) {
  const input = parentElement.querySelector("input");
  const button = parentElement.querySelector("button");
  const said = parentElement.querySelector("[role=status]");
  if (input.value !== data.text) input.value = data.text;
  input.setAttribute("aria-label", data.label);
  button.setAttribute("aria-label", `Copy: ${data.label}`);
  input.onfocus = () => input.select();
  let timer = 0;
  button.onclick = async () => {
    const done = await copy(input);
    button.textContent = done ? "Copied" : "Press Ctrl+C";
    said.textContent = done ? "Copied" : "Press Ctrl and C to copy";
    clearTimeout(timer);
    timer = setTimeout(() => {
      button.textContent = "Copy";
      said.textContent = "";
    }, SAID_MS);
  };
}
