// finesse.*: the lab's own library under Finesse's names, written from docs/cisco/finesse.md §3.
var finesse = {
  gadget: {}, clientservices: {}, cslogger: {}, restservices: {}, containerservices: {}, utilities: {},
};

// XML to objects as Finesse's library does it, traps included: an empty element is null, one of a kind is no array.
finesse.fromXml = function (text) {
  const document = new DOMParser().parseFromString(text, "text/xml");
  const read = (element) => {
    if (element.children.length === 0) return element.textContent === "" ? null : element.textContent;
    const value = {};
    for (const child of element.children) {
      const name = child.nodeName;
      if (!(name in value)) value[name] = read(child);
      else if (Array.isArray(value[name])) value[name].push(read(child));
      else value[name] = [value[name], read(child)];
    }
    return value;
  };
  return { [document.documentElement.nodeName]: read(document.documentElement) };
};

finesse.listOf = (value) => (value === null || value === undefined ? [] : Array.isArray(value) ? value : [value]);
