package dev.muster.identity.access;

import dev.muster.identity.Requires;
import dev.muster.testing.TestServer;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Looks at how a server's routes are declared. */
final class RouteRules {
    /** The rules of these stand in the routes of identity, for their packages cannot name identity. */
    private static final Set<String> RULED_ELSEWHERE = Set.of(
            "/livez",
            "/readyz",
            "/error",
            "/metrics",
            "/api/openapi.json",
            "/api/openapi.json.yaml",
            "/",
            "/console",
            "/console/**",
            "/hooks/{name}",
            "/v2/enqueue");

    private RouteRules() {}

    /** Routes that nobody can call, because they do not say what they require. */
    static List<String> unguarded(TestServer server) {
        return mapping(server).getHandlerMethods().entrySet().stream()
                .filter(route -> !route.getValue().hasMethodAnnotation(Requires.class))
                .flatMap(route -> route.getKey().getPatternValues().stream()
                        .filter(pattern -> !RULED_ELSEWHERE.contains(pattern))
                        .map(pattern -> route.getKey().getMethodsCondition().getMethods().stream()
                                        .findFirst()
                                        .map(Enum::name)
                                        .orElse("ANY")
                                + " " + pattern + " of "
                                + route.getValue().getBeanType().getSimpleName()
                                + "#" + route.getValue().getMethod().getName()))
                .sorted()
                .toList();
    }

    static RequestMappingHandlerMapping mapping(TestServer server) {
        // The servlet looks for its mappings when the first request comes.
        server.get("/livez");
        return Objects.requireNonNull(server.bean(DispatcherServlet.class).getHandlerMappings()).stream()
                .filter(RequestMappingHandlerMapping.class::isInstance)
                .map(RequestMappingHandlerMapping.class::cast)
                .filter(routes -> !routes.getHandlerMethods().isEmpty())
                .findFirst()
                .orElseThrow();
    }
}
