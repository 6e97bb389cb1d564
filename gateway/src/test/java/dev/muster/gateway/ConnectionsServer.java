package dev.muster.gateway;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.journal.JournalConfig;
import dev.muster.gateway.journal.LocalJournal;
import dev.muster.gateway.port.Artifacts;
import dev.muster.gateway.port.TlsMaterial;
import dev.muster.gateway.testing.TestAdmission;
import dev.muster.gateway.testing.TestDownlinks;
import dev.muster.gateway.testing.TestEnrolment;
import dev.muster.gateway.testing.TestPki;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;

/** A device plane in an own process, that says on request how many sessions it holds in how much memory. */
final class ConnectionsServer {
    private ConnectionsServer() {}

    /** @param args the directory for the journal, in which {@code server.p12} lies */
    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        try (var journal =
                        LocalJournal.open(JournalConfig.in(directory.resolve("journal")), new SimpleMeterRegistry());
                var plane = DevicePlane.start(
                        DevicePlaneConfig.listeningOn(
                                new InetSocketAddress("127.0.0.1", 0), new InetSocketAddress("127.0.0.1", 0)),
                        material(directory.resolve("server.p12")),
                        journal,
                        new TestAdmission(),
                        new TestEnrolment(new TestPki()),
                        Artifacts.NOTHING,
                        new TestDownlinks(),
                        new SimpleMeterRegistry(),
                        Clock.systemUTC());
                var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println("port " + plane.mqttPort());
            for (String command = commands.readLine(); "report".equals(command); command = commands.readLine()) {
                System.out.println("report " + plane.sessions() + " " + residentKilobytes() + " " + heapKilobytes());
            }
        }
    }

    static void write(Path file, TlsMaterial material) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "server", material.key(), new char[0], material.chain().toArray(new X509Certificate[0]));
        store.setCertificateEntry("ca", material.trustedCas().getFirst());
        try (var out = Files.newOutputStream(file)) {
            store.store(out, new char[0]);
        }
    }

    private static TlsMaterial material(Path file) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(file)) {
            store.load(in, new char[0]);
        }
        return new TlsMaterial(
                (PrivateKey) store.getKey("server", new char[0]),
                List.of((X509Certificate) store.getCertificate("server")),
                List.of((X509Certificate) store.getCertificate("ca")));
    }

    private static long residentKilobytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElse(0);
    }

    private static long heapKilobytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) / 1024;
    }
}
