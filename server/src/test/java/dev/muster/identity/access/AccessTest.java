package dev.muster.identity.access;

import static dev.muster.identity.Role.ADMIN;
import static dev.muster.identity.Role.VIEWER;
import static dev.muster.identity.access.Row.Narrower.NOT_FOUND;
import static dev.muster.identity.access.Row.Narrower.SAME;
import static dev.muster.identity.access.Row.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.TestServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Who may call what, of every route of the server's own document. */
class AccessTest {
    /** Every route is called with a revoked token, all from one address. */
    private static final Map<String, String> MANY_FAILURES = Map.of("failed-logins-per-address", "100000");

    @SuppressWarnings("NullAway.Init")
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(MANY_FAILURES);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void everyRouteDoesWhatTheTableSaysForEveryRoleAndScope() {
        assertThat(AccessCheck.problems(server, AccessTable.ROWS, AccessTable.UNDOCUMENTED))
                .isEmpty();
    }

    @Test
    void everyRouteSaysWhatItRequires() {
        assertThat(RouteRules.unguarded(server)).isEmpty();
    }

    @Test
    void thePlantedFaultsAreFound() {
        try (TestServer faulty = TestServer.start(MANY_FAILURES)) {
            plant(faulty);
            List<Row> rows = List.of(
                    row("GET", "/api/v1/planted/unguarded", VIEWER, SAME),
                    row("GET", "/api/v1/planted/too-open", ADMIN, SAME),
                    row("GET", "/api/v1/planted/leak/{id}", VIEWER, NOT_FOUND),
                    row("GET", "/api/v1/planted/gone", VIEWER, SAME));

            List<String> problems = AccessCheck.problems(faulty, rows, List.of());

            assertThat(problems)
                    .anyMatch(problem -> problem.startsWith("GET /api/v1/planted/unguarded: viewer got 403"))
                    .anyMatch(problem -> problem.startsWith("GET /api/v1/planted/too-open: viewer got 200"))
                    .contains("GET /api/v1/planted/too-open: the document requires viewer, the table admin")
                    .contains("GET /api/v1/planted/without-a-row: a route of the server, and no row of the table")
                    .contains("GET /api/v1/planted/gone: a row of the table, and no route of the server")
                    .anyMatch(problem ->
                            problem.startsWith("GET /api/v1/planted/leak/{id}: viewer with a narrower scope got 200"));
            assertThat(RouteRules.unguarded(faulty))
                    .containsExactly("GET /api/v1/planted/unguarded of PlantedRoutes#unguarded");
        }
    }

    private static void plant(TestServer faulty) {
        RequestMappingHandlerMapping routes = RouteRules.mapping(faulty);
        SpringDocUtils.getConfig().addRestControllers(PlantedRoutes.class);
        PlantedRoutes planted = new PlantedRoutes();
        for (var method : PlantedRoutes.class.getDeclaredMethods()) {
            GetMapping mapping = AnnotatedElementUtils.findMergedAnnotation(method, GetMapping.class);
            if (mapping != null) {
                routes.registerMapping(
                        RequestMappingInfo.paths(mapping.value())
                                .methods(RequestMethod.GET)
                                .options(routes.getBuilderConfiguration())
                                .build(),
                        planted,
                        method);
            }
        }
    }
}
