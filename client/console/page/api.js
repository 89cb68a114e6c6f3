// Calls to the console on this machine. The token came once, for the address
// that the terminal printed; it lives as long as this tab.

const kToken = 'bootseal-console-token';

export class Problem extends Error {
  constructor(error, status) {
    super(error.message);
    this.reason = error.reason;
    this.field = error.field;
    this.status = status;
  }
}

async function call(method, path, body) {
  const headers = {'Bootseal-Console-Token': sessionStorage.getItem(kToken) || ''};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response;
  try {
    response = await fetch(path, {
      method, headers, cache: 'no-store', credentials: 'omit', redirect: 'error',
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem({reason: 'CONSOLE_GONE', message:
      'bootseal console does not answer; start it again in its terminal'}, 0);
  }
  const reply = await response.json();
  if (!response.ok) throw new Problem(reply.error, response.status);
  return reply;
}

export const get = (path, parameters = {}) => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== '' && value !== undefined) query.set(name, value);
  }
  const text = query.toString();
  return call('GET', text ? `${path}?${text}` : path);
};

export const post = (path, body) => call('POST', path, body);

// The ticket leaves the address at once: it is in no history and no bookmark.
export async function openSession() {
  const ticket = /^#ticket=([0-9a-f]{64})$/.exec(location.hash);
  if (!ticket) return;
  history.replaceState(null, '', '/#/waiting');
  const session = await post('/api/session', {ticket: ticket[1]});
  sessionStorage.setItem(kToken, session.token);
}
