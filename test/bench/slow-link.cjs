// ProxyCommand of ssh_config(5): a connection that holds back each packet, in both directions, for so many milliseconds.
const { connect } = require('node:net');
const { setTimeout: sleep } = require('node:timers/promises');

const [host, port, delayMs] = process.argv.slice(2);
const socket = connect(Number(port), host);
carry(process.stdin, socket);
carry(socket, process.stdout);
socket.on('error', () => process.exit(1));

function carry(from, to) {
  let last = Promise.resolve();
  const after = (action) => {
    const due = sleep(Number(delayMs));
    last = last.then(() => due).then(action);
  };
  from.on('data', (chunk) => after(() => to.write(chunk)));
  from.on('end', () => after(() => to.end()));
  to.on('error', () => process.exit(1));
}
