package dev.muster.bench;

import dev.muster.simulator.enrol.AssetIdentity;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A running {@link Sink}. */
final class SinkProcess implements AutoCloseable {
    private final BenchCa ca = new BenchCa();
    private final Process process;
    private final InetSocketAddress address;

    SinkProcess(Path directory, int loops) throws Exception {
        Path keys = Files.createDirectories(directory).resolve("sink.p12");
        ca.writeServer(keys);
        this.process = new ProcessBuilder(Programs.java(
                        "bench",
                        List.of("-Xms64m", "-Xmx512m", "-XX:+UseG1GC"),
                        List.of("sink", "--keys", keys.toString(), "--loops", Integer.toString(loops))))
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

    List<X509Certificate> cas() {
        return List.of(ca.certificate());
    }

    List<AssetIdentity> identities(int count) {
        return ca.identities(count);
    }

    @Override
    public void close() throws Exception {
        process.getOutputStream().close();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
