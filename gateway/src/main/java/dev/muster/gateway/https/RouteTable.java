package dev.muster.gateway.https;

import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/** All routes; the first that matches method and path is taken. */
final class RouteTable {
    private final List<Route> routes;

    RouteTable(List<Route> routes) {
        this.routes = List.copyOf(routes);
    }

    sealed interface Match {
        record Found(Route route, MatchResult path) implements Match {}

        /** @param allowed methods of the path, for Allow */
        record OtherMethod(String allowed) implements Match {}

        record Nothing() implements Match {}
    }

    Match match(HttpMethod method, @Nullable String path) {
        var allowed = new TreeSet<String>();
        for (Route route : routes) {
            Matcher matcher = route.path().matcher(path == null ? "" : path);
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
