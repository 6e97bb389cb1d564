package dev.muster.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.testing.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The OpenAPI document of a running server. */
class ApiDocumentTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @SuppressWarnings("NullAway.Init")
    private static TestServer server;

    @SuppressWarnings("NullAway.Init")
    private static JsonNode document;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        document = JSON.readTree(
                server.send(server.adminRequest("/api/openapi.json").GET()).body());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void holdsEveryRouteUnderApi() {
        TreeSet<String> mapped = new TreeSet<>();
        for (HandlerMapping mapping :
                Objects.requireNonNull(server.bean(DispatcherServlet.class).getHandlerMappings())) {
            if (mapping instanceof RequestMappingHandlerMapping routes) {
                routes.getHandlerMethods().keySet().forEach(route -> mapped.addAll(underApi(route)));
            }
        }

        TreeSet<String> documented = new TreeSet<>();
        operations().forEach(operation -> documented.add(operation.name()));

        assertThat(documented).isEqualTo(mapped).isNotEmpty();
    }

    private static List<String> underApi(RequestMappingInfo route) {
        List<String> names = new ArrayList<>();
        for (String pattern : route.getPatternValues()) {
            if (pattern.startsWith("/api/v1")) {
                assertThat(route.getMethodsCondition().getMethods())
                        .as("methods of %s: a mapping that names none takes all", pattern)
                        .isNotEmpty();
                route.getMethodsCondition().getMethods().forEach(method -> names.add(method + " " + pattern));
            }
        }
        return names;
    }

    @Test
    void everyOperationIsDocumentedInFull() {
        List<String> gaps = new ArrayList<>();
        for (Operation operation : operations()) {
            JsonNode body = operation.body();
            if (body.path("summary").asString("").isBlank()) {
                gaps.add(operation.name() + " has no summary");
            }
            if (body.path("x-muster-requires").path("role").asString("").isBlank()) {
                gaps.add(operation.name() + " does not say what it requires");
            }
            JsonNode responses = body.path("responses");
            if (responses.propertyNames().stream().noneMatch(status -> status.startsWith("2"))) {
                gaps.add(operation.name() + " documents no success");
            }
            for (String refusal : List.of("401", "403", "default")) {
                if (!responses
                        .path(refusal)
                        .path("content")
                        .path("application/problem+json")
                        .path("schema")
                        .path("$ref")
                        .asString("")
                        .equals("#/components/schemas/Problem")) {
                    gaps.add(operation.name() + " does not document the problem " + refusal);
                }
            }
            for (JsonNode parameter : body.path("parameters")) {
                if (parameter.path("schema").isMissingNode()
                        && parameter.path("content").isMissingNode()) {
                    gaps.add(operation.name() + " has the parameter " + parameter.path("name") + " without a schema");
                }
            }
        }
        assertThat(gaps).isEmpty();
    }

    @Test
    void asksForABearerToken() {
        assertThat(document.at("/components/securitySchemes/bearer/scheme").asString())
                .isEqualTo("bearer");
        assertThat(document.at("/security/0/bearer").isArray()).isTrue();
        assertThat(document.at("/components/schemas/Problem/properties").propertyNames())
                .contains("type", "title", "status", "code", "detail", "errors");
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        List<String> dangling = new ArrayList<>();
        for (JsonNode reference : document.findValues("$ref")) {
            if (document.at(reference.asString().substring(1)).isMissingNode()) {
                dangling.add(reference.asString());
            }
        }
        assertThat(dangling).isEmpty();
    }

    private record Operation(String name, JsonNode body) {}

    private static List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                operations.add(new Operation(
                        method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(), method.getValue()));
            }
        }
        return operations;
    }
}
