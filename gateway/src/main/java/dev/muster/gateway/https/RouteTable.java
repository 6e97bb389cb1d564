package dev.muster.gateway.https;

import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/** All routes; the first that matches method and path is taken. */
final class RouteTable {
    private final List<Candidate> routes;

    /** @param fixed the one path that it has; null when it has a pattern, which costs far more to compare */
    private record Candidate(Route route, @Nullable String fixed) {
        static Candidate of(Route route) {
            String pattern = route.path().pattern();
            boolean quoted = pattern.startsWith("\\Q") && pattern.indexOf("\\E") == pattern.length() - 2;
            return new Candidate(route, quoted ? pattern.substring(2, pattern.length() - 2) : null);
        }

        boolean mayMatch(String path) {
            return fixed == null || fixed.equals(path);
        }
    }

    RouteTable(List<Route> routes) {
        this.routes = routes.stream().map(Candidate::of).toList();
    }

    sealed interface Match {
        record Found(Route route, MatchResult path) implements Match {}

        /** @param allowed methods of the path, for Allow */
        record OtherMethod(String allowed) implements Match {}

        record Nothing() implements Match {}
    }

    Match match(HttpMethod method, @Nullable String path) {
        var allowed = new TreeSet<String>();
        String asked = path == null ? "" : path;
        for (Candidate candidate : routes) {
            if (!candidate.mayMatch(asked)) {
                continue;
            }
            Route route = candidate.route();
            Matcher matcher = route.path().matcher(asked);
            if (matcher.matches()) {
                if (route.methods().contains(method)) {
                    return new Match.Found(route, matcher.toMatchResult());
                }
                route.methods().forEach(each -> allowed.add(each.name()));
            }
        }
        return allowed.isEmpty() ? new Match.Nothing() : new Match.OtherMethod(String.join(", ", allowed));
    }
}
