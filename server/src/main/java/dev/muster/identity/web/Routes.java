package dev.muster.identity.web;

import dev.muster.identity.Kind;
import dev.muster.identity.Verb;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The routes that cannot carry {@code @Requires}: those of packages above identity and of libraries. */
final class Routes {
    /** Answered without a token: probes know none; what PagerDuty's clients send holds a key of its own in its body. */
    private static final Set<String> OPEN = Set.of("/livez", "/readyz", "/", "/favicon.ico", "/v2/enqueue");
    /** The console's own files: they hold no data, and who is not logged in has to see the login. */
    private static final String CONSOLE = "/console";
    /** Where registries tell of pushes: each message is signed with a secret of its own, and known by that alone. */
    private static final String HOOKS = "/hooks/";

    record Need(Verb verb, Kind kind) {}

    private static final Map<String, Need> NEEDS = Map.of(
            "/metrics", new Need(Verb.READ, Kind.METRICS),
            "/api/openapi.json", new Need(Verb.READ, Kind.SELF),
            "/api/openapi.json.yaml", new Need(Verb.READ, Kind.SELF));

    private Routes() {}

    /** Whether a path can have a rule at all: nothing else is served, whichever library thinks so. */
    static boolean isServed(String path) {
        return path.startsWith("/api/") || NEEDS.containsKey(path) || isOpen(path);
    }

    /** Whether a path is answered to everybody. */
    static boolean isOpen(String path) {
        return OPEN.contains(path) || path.equals(CONSOLE) || path.startsWith(CONSOLE + "/") || path.startsWith(HOOKS);
    }

    static @Nullable Need need(String path) {
        return NEEDS.get(path);
    }
}
