package dev.muster.bench;

import dev.muster.protocol.AssetId;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** A running {@link Sink}. */
final class SinkProcess implements AutoCloseable {
    private final BenchCa ca;
    private final Process process;
    private final InetSocketAddress address;

    private final boolean plain;

    /** @param plain without TLS */
    SinkProcess(Path directory, int loops, boolean plain) throws Exception {
        this(directory, new BenchCa(), loops, plain);
    }

    SinkProcess(Path directory, BenchCa ca, int loops, boolean plain) throws Exception {
        this.ca = ca;
        this.plain = plain;
        Path keys = Files.createDirectories(directory).resolve("sink.p12");
        ca.writeServer(keys);
        this.process = new ProcessBuilder(Programs.java(
                        "bench",
                        List.of("-Xms64m", "-Xmx512m", "-XX:+UseG1GC"),
                        plain
                                ? List.of("sink", "--loops", Integer.toString(loops))
                                : List.of("sink", "--keys", keys.toString(), "--loops", Integer.toString(loops))))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader out = process.inputReader(StandardCharsets.US_ASCII);
        String line = out.readLine();
        if (line == null || !line.startsWith("port ")) {
            process.destroyForcibly();
            throw new IOException("the sink did not start: " + line);
        }
        this.address = new InetSocketAddress("127.0.0.1", Integer.parseInt(line.substring("port ".length())));
    }

    Process process() {
        return process;
    }

    InetSocketAddress address() {
        return address;
    }

    Load load(int connections, int window, int loops) {
        return plain
                ? new Load(address, List.of(), strangers(connections), window, loops, 0)
                : new Load(
                        address,
                        List.of(ca.certificate()),
                        ca.identities(connections).stream()
                                .map(Credential.Certificate::new)
                                .toList(),
                        window,
                        loops,
                        0);
    }

    /** Sessions for a server that lets everybody in. */
    static List<Credential.Token> strangers(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Credential.Token(new AssetId("bench-" + i), ""))
                .toList();
    }

    @Override
    public void close() throws Exception {
        process.getOutputStream().close();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
