package dev.muster.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Mosquitto 2 with persistence and one subscriber of QoS 1 to everything, as the machine has it installed.
 *
 * <p>Its persistence is a copy of its memory that it writes now and then: unlike Muster it acknowledges what is not on disk.
 */
final class Mosquitto implements AutoCloseable {
    private static final List<Path> PLACES = List.of(
            Path.of("/usr/sbin/mosquitto"), Path.of("/usr/bin/mosquitto"), Path.of("/usr/local/sbin/mosquitto"));
    private static final Duration START = Duration.ofSeconds(10);

    private final Process process;
    private final InetSocketAddress address;
    private final Process subscriber;

    private Mosquitto(Process process, InetSocketAddress address, Process subscriber) {
        this.process = process;
        this.address = address;
        this.subscriber = subscriber;
    }

    /** Empty where the machine has none. */
    static Optional<Path> program() {
        return PLACES.stream().filter(Files::isExecutable).findFirst();
    }

    static Mosquitto start(Path program, Path directory) throws Exception {
        Path kept = Files.createDirectories(directory.resolve("mosquitto"));
        int port = freePort();
        Path configuration = directory.resolve("mosquitto.conf");
        Files.writeString(configuration, """
                listener %d 127.0.0.1
                allow_anonymous true
                user %s
                persistence true
                persistence_location %s/
                autosave_interval 10
                max_inflight_messages 0
                max_queued_messages 0
                log_dest none
                """.formatted(port, System.getProperty("user.name"), kept));
        Process process = new ProcessBuilder(program.toString(), "-c", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("mosquitto.log").toFile())
                .start();
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", port);
        awaitListening(process, address);
        Process subscriber = new ProcessBuilder(Programs.java(
                        "bench",
                        List.of("-Xms64m", "-Xmx512m", "-XX:+UseSerialGC"),
                        List.of("subscriber", "--port", Integer.toString(port))))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String line = subscriber.inputReader().readLine();
        if (!"subscribed".equals(line)) {
            process.destroy();
            throw new IOException("the subscriber did not subscribe: " + line);
        }
        return new Mosquitto(process, address, subscriber);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void awaitListening(Process process, InetSocketAddress address) throws Exception {
        long end = System.nanoTime() + START.toNanos();
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(address);
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    throw new IOException("mosquitto does not listen on " + address, e);
                }
                Thread.sleep(20);
            }
        }
    }

    Process process() {
        return process;
    }

    Load load(int connections, int window, int loops) {
        return new Load(address, List.of(), SinkProcess.strangers(connections), window, loops, 0);
    }

    @Override
    public void close() throws Exception {
        subscriber.getOutputStream().close();
        for (Process each : Stream.of(subscriber, process).toList()) {
            if (!each.waitFor(1, TimeUnit.SECONDS)) {
                each.destroy();
            }
            if (!each.waitFor(20, TimeUnit.SECONDS)) {
                each.destroyForcibly();
            }
        }
    }
}
