package dev.muster.cli.doctor;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** All checks of this machine, in the order in which a person would look. */
public final class Examination {
    private Examination() {}

    /**
     * @param serverPid of the server that runs on the data directory; null without one
     * @param serverUrl of a running server, to compare clocks with; null without one
     */
    public static List<Check> run(
            Path dataDirectory, @Nullable Long serverPid, @Nullable String serverUrl, int... ports) {
        List<Check> checks = new ArrayList<>();
        checks.add(Checks.jdk(
                Runtime.version().feature(), Runtime.version().toString(), System.getProperty("java.home", "?")));
        if (Machine.program().filter(Machine::isBuiltHere).isPresent()) {
            checks.add(Checks.node(Machine.versionOf("node")));
        }
        checks.add(Checks.memory(Machine.memory(true), Machine.memory(false)));
        checks.add(Checks.disk(dataDirectory.toString(), Machine.freeSpace(dataDirectory)));
        List<String> uses = List.of("management", "MQTT", "device HTTPS");
        for (int i = 0; i < ports.length; i++) {
            checks.add(port(ports[i], uses.get(Math.min(i, uses.size() - 1)), serverPid));
        }
        checks.add(Checks.clock(Instant.now(), serverClock(serverUrl)));
        OptionalLong files = Machine.openFileLimit();
        checks.add(Checks.openFiles(files));
        checks.add(Checks.dataDirectory(dataDirectory.toString(), Machine.writeProblem(dataDirectory)));
        return checks;
    }

    private static Check port(int port, String use, @Nullable Long serverPid) {
        if (Machine.isFree(port)) {
            return Checks.port(port, use, true, Optional.empty(), false);
        }
        Optional<Machine.Owner> owner = Machine.ownerOf(port);
        boolean own = serverPid != null && owner.isPresent() && owner.get().pid() == serverPid;
        return Checks.port(port, use, false, owner.map(Machine.Owner::toString), own);
    }

    private static Optional<Instant> serverClock(@Nullable String url) {
        if (url == null) {
            return Optional.empty();
        }
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) new URI(url).resolve("/livez").toURL().openConnection();
            connection.setConnectTimeout(2_000);
            connection.setReadTimeout(5_000);
            long date = connection.getDate();
            connection.disconnect();
            // the header has whole seconds: take their middle
            return date == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(date + 500));
        } catch (IOException | URISyntaxException e) {
            return Optional.empty();
        }
    }
}
