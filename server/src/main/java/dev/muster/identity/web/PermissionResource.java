package dev.muster.identity.web;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Permissions;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Which role may do what, over HTTP: worked out from the rule that decides, and from what each route says that it requires. */
@RestController
@Tag(name = "identity")
class PermissionResource {
    private final ObjectProvider<RequestMappingHandlerMapping> mappings;

    private volatile @Nullable Map<Kind, Map<Verb, List<String>>> acts;

    PermissionResource(ObjectProvider<RequestMappingHandlerMapping> mappings) {
        this.mappings = mappings;
    }

    /** What may be done to a kind of thing. */
    @Schema(name = "Permission")
    record KindView(
            @Schema(example = "claim token") String kind,

            @Schema(
                    description =
                            "what a narrower scope means: narrowed to its assets; shared, read only; whole, nothing",
                    allowableValues = {"narrowed", "shared", "whole"})
            String reach,

            List<VerbView> verbs) {}

    /** One way to touch it, where there is a route for it. */
    @Schema(name = "PermittedVerb")
    record VerbView(
            @Schema(allowableValues = {"read", "write", "admin"})
            String verb,

            @Schema(
                    description = "the least role that may",
                    allowableValues = {"admin", "operator", "viewer"})
            String role,

            @Schema(description = "why the caller may not; absent when it may") @Nullable String refusal,

            @Schema(description = "what the routes do that need it")
            List<String> does) {}

    @GetMapping("/api/v1/permissions")
    @Requires(verb = Verb.READ, kind = Kind.SELF)
    @Operation(
            operationId = "listPermissions",
            summary = "Tells which role may do what, and what the caller may not",
            description = "Of the rule that decides about each request, and of all routes of this server.")
    List<KindView> list(Actor actor) {
        Map<Kind, Map<Verb, List<String>>> known = acts();
        return known.entrySet().stream()
                .map(kind -> new KindView(
                        kind.getKey().wire(),
                        kind.getKey().reach().name().toLowerCase(Locale.ROOT),
                        kind.getValue().entrySet().stream()
                                .map(verb -> view(actor, kind.getKey(), verb.getKey(), verb.getValue()))
                                .toList()))
                .toList();
    }

    private static VerbView view(Actor actor, Kind kind, Verb verb, List<String> does) {
        return new VerbView(
                verb.wire(),
                Permissions.needed(verb, kind).wire(),
                Permissions.refusal(actor, verb, kind).orElse(null),
                does);
    }

    /** Routes do not change while the server runs. */
    private Map<Kind, Map<Verb, List<String>>> acts() {
        Map<Kind, Map<Verb, List<String>>> known = acts;
        if (known == null) {
            known = read();
            acts = known;
        }
        return known;
    }

    private Map<Kind, Map<Verb, List<String>>> read() {
        Map<Kind, Map<Verb, TreeSet<String>>> found = new EnumMap<>(Kind.class);
        mappings.stream()
                .flatMap(each -> each.getHandlerMethods().values().stream())
                .forEach(handler -> {
                    Requires requires = handler.getMethodAnnotation(Requires.class);
                    Operation operation = handler.getMethodAnnotation(Operation.class);
                    if (requires != null && operation != null) {
                        found.computeIfAbsent(requires.kind(), kind -> new EnumMap<>(Verb.class))
                                .computeIfAbsent(requires.verb(), verb -> new TreeSet<>())
                                .add(operation.summary());
                    }
                });
        Map<Kind, Map<Verb, List<String>>> acts = new EnumMap<>(Kind.class);
        found.forEach((kind, verbs) -> {
            Map<Verb, List<String>> listed = new EnumMap<>(Verb.class);
            verbs.forEach((verb, does) -> listed.put(verb, new ArrayList<>(does)));
            acts.put(kind, listed);
        });
        return acts;
    }
}
