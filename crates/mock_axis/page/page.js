'use strict';
(() => {
  const LINES_MAX = 1000;
  const $ = (id) => document.getElementById(id);
  const lines = new Map();
  let waiting = [];
  let paused = false;
  let chosen = null;

  const SIGNATURES = {
    proven: ['đúng', 'good'],
    refused: ['SAI', 'bad'],
    unchecked: ['chưa xét', 'warn'],
  };

  function element(name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function isShown(line) {
    const system = $('system').value, operation = $('operation').value, code = $('code').value;
    if (system && line.system !== system) return false;
    if (operation && line.operation !== operation) return false;
    if (code === 'failed' ? line.code === '0' : code && line.code !== code) return false;
    const text = $('text').value.trim().toLowerCase();
    return !text || [line.packet, line.system, line.operation, line.faults.join(' '), String(line.number)]
      .join(' ').toLowerCase().includes(text);
  }

  function row(line) {
    const made = element('tr');
    made.dataset.number = line.number;
    if (line.number === chosen) made.className = 'chosen';
    const number = element('td', undefined, 'number');
    const open = element('button', line.number, 'row-button');
    open.type = 'button';
    number.append(open);
    const [word, kind] = SIGNATURES[line.signature];
    const code = line.code === '' ? '–' : line.code;
    const packet = element('td', undefined, 'packet');
    for (const fault of line.faults) packet.append(element('span', fault, 'fault'));
    packet.append(line.packet);
    made.append(number, element('td', line.at.slice(11), 'at'), element('td', line.system, 'system'),
      element('td', line.operation, 'operation'), element('td', word, 'signature ' + kind),
      element('td', code, 'code ' + (code === '0' ? 'good' : 'bad')), element('td', line.durationMs, 'ms'), packet);
    return made;
  }

  function option(select, value) {
    if (value && ![...select.options].some((known) => known.value === value)) {
      const made = element('option', value);
      made.value = value;
      select.append(made);
    }
  }

  function add(line) {
    if (lines.has(line.number)) return;
    lines.set(line.number, line);
    if (lines.size > LINES_MAX) {
      const oldest = lines.keys().next().value;
      lines.delete(oldest);
      const gone = $('rows').querySelector(`[data-number="${oldest}"]`);
      if (gone) gone.remove();
    }
    option($('system'), line.system);
    option($('operation'), line.operation);
    option($('code'), line.code);
    if (isShown(line)) $('rows').prepend(row(line));
    $('empty').hidden = true;
  }

  function redraw() {
    const shown = [...lines.values()].filter(isShown).reverse().map(row);
    $('rows').replaceChildren(...shown);
    $('empty').hidden = shown.length > 0;
  }

  const quoted = (text) => "'" + text.replaceAll("'", "'\\''") + "'";
  const LEFT_OUT = new Set(['host', 'content-length', 'connection', 'expect', 'accept-encoding', 'transfer-encoding']);

  function curl(exchange) {
    const parts = ['curl -X ' + exchange.method];
    for (const [name, value] of exchange.headers) {
      if (!LEFT_OUT.has(name)) parts.push('-H ' + quoted(`${name}: ${value}`));
    }
    const isPacket = exchange.operation.endsWith('sendEdoc');
    if (isPacket) parts.push('--data-binary @packet.edxml');
    else if (exchange.request.bytes > 0) parts.push('--data-binary ' + quoted(exchange.request.text));
    parts.push(quoted(location.origin + exchange.target));
    return parts.join(' \\\n  ');
  }

  function facts(pairs, className) {
    const list = element('dl', undefined, className);
    for (const [name, value] of pairs) {
      if (value !== '' && value !== undefined) list.append(element('dt', name), element('dd', value));
    }
    return list;
  }

  function body(shown) {
    const more = new TextEncoder().encode(shown.text).length < shown.bytes ? '\n…' : '';
    return element('pre', shown.bytes === 0 ? '(trống)' : shown.text + more);
  }

  function details(exchange) {
    const pane = $('details');
    const tools = element('div', undefined, 'tools');
    const close = element('button', 'Đóng');
    close.type = 'button';
    close.addEventListener('click', () => { pane.hidden = true; chosen = null; redraw(); });
    const copy = element('button', 'Chép thành curl');
    copy.type = 'button';
    const command = element('pre', curl(exchange));
    copy.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(curl(exchange));
        copy.textContent = 'Đã chép';
      } catch {
        getSelection().selectAllChildren(command);
        copy.textContent = 'Bấm Ctrl+C';
      }
    });
    tools.append(close, copy);
    const [word] = SIGNATURES[exchange.signature];
    const summary = exchange.summary;
    const parts = [
      element('h2', `${exchange.number} · ${exchange.operation}`), tools,
      element('h3', 'Kết quả (outcome)'),
      facts([['Lúc', exchange.at], ['Từ địa chỉ', exchange.peer], ['Hệ thống', exchange.system],
        ['Chữ ký', exchange.signatureFault ? `${word}: ${exchange.signatureFault}` : word],
        ['ErrorCode', exchange.code], ['ErrorDesc', exchange.description], ['docId', exchange.docId],
        ['HTTP', String(exchange.status)], ['Thời gian', `${exchange.durationMs} ms`],
        ['Lỗi tạo ra', exchange.faults.join(', ')], ['Bị đứt', exchange.broken]]),
    ];
    if (summary) {
      parts.push(element('h3', 'Gói tin (packet)'), facts([['Loại', summary.kind], ['Từ', `${summary.from} ${summary.fromName}`],
        ['Đến', summary.to.join(', ') + (summary.toCount > summary.to.length ? ` … (${summary.toCount})` : '')],
        ['Số, ký hiệu', summary.notation], ['Trích yếu', summary.title], ['DocumentId', summary.documentId],
        ['Ngày', summary.date], ['BussinessDocType', String(summary.businessType)], ['Độ khẩn', String(summary.priority)],
        ['StatusCode', summary.status === undefined ? '' : String(summary.status).padStart(2, '0')],
        ['Tệp đính kèm', String(summary.attachments)], ['Byte', String(summary.bytes)]]));
    }
    if (Object.keys(exchange.parameters).length > 0) {
      parts.push(element('h3', 'Tham số đã ký (parameters)'), facts(Object.entries(exchange.parameters), 'headers'));
    }
    parts.push(element('h3', 'Yêu cầu (request)'), element('pre', `${exchange.method} ${exchange.target}`),
      facts(exchange.headers, 'headers'), element('h3', `Thân yêu cầu, ${exchange.request.bytes} byte`), body(exchange.request),
      element('h3', 'Trả lời (answer)'), facts(exchange.responseHeaders, 'headers'),
      element('h3', `Thân trả lời, ${exchange.response.bytes} byte`), body(exchange.response),
      element('h3', 'curl'), command);
    pane.replaceChildren(...parts);
    pane.hidden = false;
    pane.scrollTop = 0;
  }

  async function choose(number) {
    chosen = number;
    redraw();
    const answer = await fetch(`/_mock/exchanges/${number}`);
    if (answer.ok) return details(await answer.json());
    $('details').replaceChildren(element('p', 'Yêu cầu này không còn được giữ (no longer kept).'));
    $('details').hidden = false;
  }

  $('rows').addEventListener('click', (event) => {
    const line = event.target.closest('tr');
    if (line) choose(Number(line.dataset.number));
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !$('details').hidden) { $('details').hidden = true; chosen = null; redraw(); }
  });
  for (const id of ['system', 'operation', 'code', 'text']) $(id).addEventListener('input', redraw);
  $('filters').addEventListener('submit', (event) => event.preventDefault());
  $('pause').addEventListener('click', () => {
    paused = !paused;
    $('pause').setAttribute('aria-pressed', String(paused));
    if (!paused) { waiting.forEach(add); waiting = []; }
    $('pause').textContent = paused ? 'Tiếp tục' : 'Tạm dừng';
  });
  $('clear').addEventListener('click', () => { lines.clear(); waiting = []; redraw(); });

  const state = (className, text) => { $('state').className = className; $('state').textContent = text; };
  function connect() {
    const events = new EventSource('/_mock/events');
    events.onopen = () => {
      // The server tells all that it keeps again, and counts from 1 when it was restarted.
      lines.clear();
      waiting = [];
      redraw();
      state('live', '● trực tiếp (live)');
    };
    events.onerror = () => state('lost', '○ mất kết nối, đang thử lại (reconnecting)');
    events.onmessage = (event) => {
      const line = JSON.parse(event.data);
      if (!paused) return add(line);
      waiting.push(line);
      if (waiting.length > LINES_MAX) waiting.shift();
      $('pause').textContent = `Tiếp tục (${waiting.length})`;
    };
    // Too far behind: the server's ring has what was missed.
    events.addEventListener('behind', () => { events.close(); connect(); });
  }
  connect();
})();
