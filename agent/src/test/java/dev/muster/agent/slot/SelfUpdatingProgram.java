package dev.muster.agent.slot;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.muster.agent.budget.Bandwidth;
import dev.muster.agent.config.Fields;
import dev.muster.agent.desired.DesiredDocument;
import dev.muster.agent.download.Download;
import dev.muster.agent.state.StateDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLSocketFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * An agent that does nothing but to update itself, started by the real launcher. Its jar says which version it is and how it
 * behaves.
 */
final class SelfUpdatingProgram {
    private SelfUpdatingProgram() {}

    public static void main(String[] args) throws Exception {
        String[] build = build();
        Path folder = Path.of(args[0]);
        append(folder.resolve("starts"), build[0]);
        switch (build[1]) {
            case "ends" -> System.exit(1);
            case "hangs" -> new CountDownLatch(1).await();
            default -> run(folder, build[0], build[1].equals("good"));
        }
    }

    private static String[] build() throws IOException {
        try (InputStream in = SelfUpdatingProgram.class.getResourceAsStream("/build")) {
            return new String(in.readAllBytes(), UTF_8).split(" ");
        }
    }

    private static void run(Path folder, String version, boolean connected) throws Exception {
        StateDirectory state = StateDirectory.open(folder.resolve("state"));
        Download download = new Download(
                java.net.URI.create("https://muster.invalid/"),
                () -> (SSLSocketFactory) SSLSocketFactory.getDefault(),
                new Bandwidth(0, System::nanoTime),
                () -> true,
                Download.Bounds.usual(),
                Thread::sleep);
        Slots[] itself = new Slots[1];
        Slots slots = Slots.of(
                new Slots.Place(state, Files.createDirectories(folder.resolve("apps"))),
                download,
                new Slots.Signatures(false, Optional.empty(), "", URI.create("http://127.0.0.1/"), () ->
                        (SSLSocketFactory) SSLSocketFactory.getDefault()),
                new Slots.Itself(version, () -> connected, Duration.ZERO, Duration.ofMillis(500), () -> {
                    Thread.ofPlatform().start(() -> System.exit(Slots.START_AGAIN));
                    Thread.sleep(Duration.ofDays(1));
                }),
                () -> {
                    if (itself[0] != null) {
                        report(folder, itself[0]);
                    }
                },
                event -> {});
        itself[0] = slots;
        Runtime.getRuntime().addShutdownHook(new Thread(slots::close));
        slots.define(Map.of());
        slots.start();
        Path wanted = folder.resolve("wanted.json");
        if (Files.exists(wanted)) {
            slots.want(Map.of(
                    AgentHome.COMPONENT,
                    DesiredDocument.wanted(new Fields(
                            "",
                            JsonMapper.builder().build().readTree(Files.readAllBytes(wanted)),
                            new ArrayList<>()))));
        }
        report(folder, slots);
        new CountDownLatch(1).await();
    }

    private static synchronized void report(Path folder, Slots slots) {
        append(folder.resolve("reports"), slots.software() + " " + slots.updates());
    }

    private static void append(Path file, String line) {
        try {
            Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
