/**
 * A program of Python that asks ports of its host for a page again and again until a file is there, and prints the port
 * and the time in ms of each answer, and once more at the end. It starts no process for each request, which would take
 * the processor from what it measures. Arguments: the file, the seconds between requests, the path, and the ports.
 */
export const PROBE = `
import os, socket, sys, threading, time
stop, pause, path, *ports = sys.argv[1:]

def tell(port):
    print(port, time.time_ns() // 1000000, flush=True)

def ask(port):
    while not os.path.exists(stop):
        try:
            with socket.create_connection(('127.0.0.1', int(port)), 1) as connection:
                connection.sendall(f'GET {path} HTTP/1.0\\r\\n\\r\\n'.encode())
                if b' 200 ' in connection.recv(4096):
                    tell(port)
        except OSError:
            pass
        time.sleep(float(pause))

asking = [threading.Thread(target=ask, args=[port]) for port in ports]
for thread in asking:
    thread.start()
for thread in asking:
    thread.join()
for port in ports:
    tell(port)
`;

/** The longest time in ms between two answers of a port, from what the probe printed. */
export function longestGap(printed: string, port: number): number {
  const times = printed
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number))
    .flatMap(([of, time = 0]) => (of === port ? [time] : []));
  return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? 0)));
}
