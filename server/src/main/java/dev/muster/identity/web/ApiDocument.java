package dev.muster.identity.web;

import dev.muster.identity.Actor;
import dev.muster.identity.Permissions;
import dev.muster.identity.Requires;
import dev.muster.identity.idempotency.IdempotencyFilter;
import dev.muster.platform.error.Problem;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.AssetId;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.customizers.GlobalOperationCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.method.HandlerMethod;
import tools.jackson.databind.JsonNode;

/** The OpenAPI document: what every route has in common, and what each requires of its caller. */
@Configuration(proxyBeanMethods = false)
class ApiDocument {
    /** The extension of an operation that says what a caller needs. */
    static final String REQUIRES = "x-muster-requires";

    private static final String BEARER = "bearer";

    ApiDocument() {
        SpringDocUtils.getConfig()
                .addRequestWrapperToIgnore(Actor.class, PageRequest.class)
                .replaceWithSchema(
                        AssetId.class,
                        new StringSchema()
                                .pattern(AssetId.PATTERN)
                                .maxLength(AssetId.MAX_LENGTH)
                                .example("pos-0001"))
                .replaceWithClass(JsonNode.class, Object.class);
    }

    @Bean
    OpenAPI openApi() {
        return new OpenAPI()
                .info(new Info()
                        .title("Muster")
                        .version("v1")
                        .description("Fleet management: one control plane for every kind of asset. Lists are pages"
                                + " (limit, continue), refusals are application/problem+json with a stable code.")
                        .license(new License().name("Apache-2.0").identifier("Apache-2.0")))
                .addSecurityItem(new SecurityRequirement().addList(BEARER))
                .components(new Components()
                        .addSecuritySchemes(
                                BEARER,
                                new SecurityScheme()
                                        .type(SecurityScheme.Type.HTTP)
                                        .scheme("bearer")
                                        .bearerFormat("muster_<43 letters or digits>")
                                        .description(
                                                "an API token, from POST /api/v1/tokens or <data-dir>/admin.token")));
    }

    /** What a handler's signature and annotations say beyond what springdoc reads. */
    @Bean
    GlobalOperationCustomizer whatHandlersSay() {
        return (operation, handler) -> {
            describeNeed(operation, handler);
            if (takes(handler, PageRequest.class)) {
                operation.addParametersItem(new Parameter()
                        .in("query")
                        .name("limit")
                        .description("items at most")
                        .schema(pageLimit()));
                operation.addParametersItem(new Parameter()
                        .in("query")
                        .name("continue")
                        .description("from the page before; absent for the first")
                        .schema(new StringSchema()));
            }
            return operation;
        };
    }

    private static Schema<?> pageLimit() {
        Schema<Number> limit = new IntegerSchema();
        limit.setMinimum(BigDecimal.ONE);
        limit.setMaximum(BigDecimal.valueOf(PageRequest.MAX_LIMIT));
        limit.setDefault(PageRequest.DEFAULT_LIMIT);
        return limit;
    }

    private static boolean takes(HandlerMethod handler, Class<?> type) {
        return Arrays.stream(handler.getMethodParameters()).anyMatch(parameter -> parameter.getParameterType() == type);
    }

    private static void describeNeed(Operation operation, HandlerMethod handler) {
        Requires requires = handler.getMethodAnnotation(Requires.class);
        if (requires == null) {
            return;
        }
        Map<String, String> need = new LinkedHashMap<>();
        need.put("role", Permissions.needed(requires.verb(), requires.kind()).wire());
        need.put("verb", requires.verb().wire());
        need.put("kind", requires.kind().wire());
        operation.addExtension(REQUIRES, need);
    }

    /** The refusals that every route shares, and the headers that every POST understands. */
    @Bean
    GlobalOpenApiCustomizer whatRoutesShare() {
        return document -> {
            ModelConverters.getInstance(true).readAll(Problem.class).forEach(document.getComponents()::addSchemas);
            document.getPaths()
                    .forEach((path, item) -> item.readOperationsMap().forEach((method, operation) -> {
                        for (Refusal refusal : refusals(path, method)) {
                            operation.getResponses().addApiResponse(refusal.status(), problem(refusal.when()));
                        }
                        operation
                                .getResponses()
                                .addApiResponse("default", problem("any other refusal; see its code and detail"));
                        if (method == PathItem.HttpMethod.POST) {
                            operation.addParametersItem(new Parameter()
                                    .in("header")
                                    .name(IdempotencyFilter.KEY)
                                    .description("done once for a day; a repetition gets the first result")
                                    .schema(new StringSchema().maxLength(128)));
                        }
                    }));
        };
    }

    private record Refusal(String status, String when) {}

    private static List<Refusal> refusals(String path, PathItem.HttpMethod method) {
        List<Refusal> refusals = new ArrayList<>(List.of(
                new Refusal("400", "the request is malformed, or a value is not allowed"),
                new Refusal("401", "no token, or one that is unknown, revoked or expired"),
                new Refusal("403", "the actor's role or scope does not allow this; detail says what is needed"),
                new Refusal("429", "too many failed authentications from this address; see Retry-After"),
                new Refusal("503", "the database does not answer; see /readyz")));
        if (path.contains("{")) {
            refusals.add(new Refusal("404", "there is no such object, or it is outside of the actor's scope"));
        }
        if (method == PathItem.HttpMethod.POST) {
            refusals.add(new Refusal("422", "refused, or the idempotency key belongs to another request"));
        }
        return refusals;
    }

    private static ApiResponse problem(String when) {
        return new ApiResponse()
                .description(when)
                .content(new Content()
                        .addMediaType(
                                Problem.MEDIA_TYPE,
                                new MediaType().schema(new Schema<>().$ref("#/components/schemas/Problem"))));
    }
}
