package dev.muster.agent.slot;

import dev.muster.agent.config.Fields;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How an application that is installed in slots is run.
 *
 * @param start its command line; one that begins with {@code ./} is in the slot
 * @param stop for how long it may take to end when it is asked to
 */
public record AppDefinition(List<String> start, Health health, Duration stop) {
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

    public AppDefinition {
        start = List.copyOf(start);
    }

    /**
     * When it counts as healthy.
     *
     * @param interval between two probes
     * @param healthyAfter for how long it must be healthy until it is believed
     * @param timeout within which a new version must be believed
     */
    public record Health(Probe probe, Duration interval, Duration healthyAfter, Duration timeout) {}

    public sealed interface Probe {
        /** It is enough that the process lives. */
        record Alive() implements Probe {}

        /** A program that ends with 0; one that begins with {@code ./} is in the slot. */
        record Exec(List<String> argv) implements Probe {}

        /** A GET on the own machine that is answered with 2xx. */
        record Http(URI url) implements Probe {}
    }

    /** @param slotOnly programs must be of the slot: where the server says how an application runs, it may run only what was installed */
    public static AppDefinition read(Fields fields, boolean slotOnly) {
        AppDefinition definition = new AppDefinition(
                program(fields, "start", fields.texts("start"), slotOnly),
                health(fields.object("health"), slotOnly),
                Duration.ofSeconds(fields.number("stopSeconds", 10, 0, 600)));
        fields.nothingElse();
        return definition;
    }

    private static Health health(Fields fields, boolean slotOnly) {
        Health health = new Health(
                probe(fields, slotOnly),
                Duration.ofSeconds(fields.number("intervalSeconds", 5, 1, 600)),
                Duration.ofSeconds(fields.number("healthyAfterSeconds", 10, 0, 3600)),
                Duration.ofSeconds(fields.number("timeoutSeconds", 120, 1, 7200)));
        if (health.healthyAfter().compareTo(health.timeout()) > 0) {
            fields.problem("healthyAfterSeconds", "is more than timeoutSeconds, so that it could never become healthy");
        }
        fields.nothingElse();
        return health;
    }

    private static Probe probe(Fields fields, boolean slotOnly) {
        Optional<String> http = fields.optionalText("http");
        List<String> exec = fields.texts("exec");
        if (http.isPresent() && !exec.isEmpty()) {
            fields.problem("exec", "is given beside http; only one of them is possible");
        }
        if (http.isPresent()) {
            return new Probe.Http(fields.parsed("http", URI.create(""), AppDefinition::loopback));
        }
        return exec.isEmpty() ? new Probe.Alive() : new Probe.Exec(program(fields, "exec", exec, slotOnly));
    }

    private static List<String> program(Fields fields, String key, List<String> argv, boolean slotOnly) {
        if (argv.isEmpty() || argv.getFirst().isEmpty()) {
            fields.problem(key, "must be a list that begins with a program");
        } else if (slotOnly && !argv.getFirst().startsWith("./")) {
            fields.problem(
                    key,
                    "begins with '" + argv.getFirst() + "' and must begin with ./, a program of the installed version");
        } else if (argv.getFirst().startsWith("./") && argv.getFirst().contains("..")) {
            fields.problem(key, "must not leave the slot, found '" + argv.getFirst() + "'");
        }
        return argv;
    }

    private static URI loopback(String text) {
        URI url = URI.create(text);
        if (!"http".equals(url.getScheme()) || url.getHost() == null || !LOOPBACK.contains(url.getHost())) {
            throw new IllegalArgumentException(
                    "must be an http URL of the own machine, such as http://127.0.0.1:8081/healthz");
        }
        return url;
    }
}
