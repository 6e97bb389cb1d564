package dev.muster.registry.facet;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Facets of assets over HTTP. */
@RestController
@Tag(name = "assets")
class FacetResource {
    private final Facets facets;

    FacetResource(Facets facets) {
        this.facets = facets;
    }

    @GetMapping("/api/v1/asset-facets")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(
            operationId = "assetFacets",
            summary = "Counts the assets by the values of some fields",
            description =
                    "Some seconds old. The counts of a field are of the assets that fulfil everything chosen of the other"
                            + " fields. An empty value stands for the assets without one.")
    Facets.Answer count(
            Actor actor,
            @RequestParam(required = false) @Nullable String selector,
            @RequestParam(required = false) @Nullable String q,
            @Parameter(
                            description = "type, owner, region, site, hardware, lifecycle, presence, labels.KEY or"
                                    + " software.COMPONENT; several times for several")
                    @RequestParam(required = false)
                    @Nullable List<String> by,
            @Parameter(description = "FACET=VALUE, several times; of each facet an asset must have one of the values")
                    @RequestParam(required = false)
                    @Nullable List<String> chosen,
            @Parameter(description = "what the values hold, whatever their case") @RequestParam(defaultValue = "")
                    String contains,
            @Parameter(description = "values of each field") @RequestParam(defaultValue = "20") int limit,
            @Parameter(hidden = true) @RequestParam MultiValueMap<String, String> all) {
        return facets.count(
                actor,
                new Facets.Question(selector, q, whole(all, "by", by), whole(all, "chosen", chosen), contains, limit));
    }

    /** As they were sent: values may hold commas, at which a list would be cut. */
    private static List<String> whole(
            MultiValueMap<String, String> all, String name, @Nullable List<String> described) {
        return described == null ? List.of() : List.copyOf(all.getOrDefault(name, List.of()));
    }

    @GetMapping("/api/v1/asset-keys")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(
            operationId = "assetKeys",
            summary = "Lists the labels and components that assets have, the most frequent first",
            description = "At most 200 of each, some seconds old.")
    Facets.Keys keys(Actor actor) {
        return facets.keys(actor);
    }
}
