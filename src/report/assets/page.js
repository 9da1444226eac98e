// Sorts a table by the column whose head is clicked: numbers as numbers, what is missing last.
document.documentElement.classList.add('script');
for (const head of document.querySelectorAll('.sortable th')) {
  head.tabIndex = 0;
  head.addEventListener('keydown', event => { if (event.key === 'Enter') head.click(); });
  head.addEventListener('click', () => {
    const column = head.cellIndex, body = head.closest('table').tBodies[0];
    const up = head.getAttribute('aria-sort') !== 'ascending';
    for (const other of head.parentNode.children) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    const text = row => row.cells[column].textContent;
    const number = row => parseFloat(text(row).replace(/[,~\u2264\u2265]/g, ''));
    const rows = [...body.rows].sort((a, b) => {
      if (column === 0) return up ? text(a).localeCompare(text(b)) : text(b).localeCompare(text(a));
      const x = number(a), y = number(b);
      if (isNaN(x) || isNaN(y)) return isNaN(x) - isNaN(y);
      return up ? x - y : y - x;
    });
    body.append(...rows);
  });
}
