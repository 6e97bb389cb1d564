package dev.muster.registry.apply;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.asset.AssetChange.Outcome;
import dev.muster.registry.asset.AssetRules;
import dev.muster.registry.asset.AssetService;
import dev.muster.registry.asset.AssetSpec;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.asset.FieldManagers;
import dev.muster.registry.asset.Visibility;
import dev.muster.registry.document.FieldReader;
import dev.muster.registry.document.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/** Assets, after types and groups. */
@Component
final class AppliedAsset implements AppliedKind {
    private final AssetService assets;
    private final AssetStore store;
    private final Visibility visibility;

    AppliedAsset(AssetService assets, AssetStore store, Visibility visibility) {
        this.assets = assets;
        this.store = store;
        this.visibility = visibility;
    }

    @Override
    public String wire() {
        return "Asset";
    }

    @Override
    public Kind permission() {
        return Kind.ASSET;
    }

    @Override
    public int order() {
        return 300;
    }

    @Override
    public boolean hasLabels() {
        return true;
    }

    @Override
    public Optional<Live> live(Actor actor, String name) {
        AssetId id = AssetId.parse(name)
                .orElseThrow(() -> new Refusal(
                        ErrorCode.INVALID,
                        "the name is not an asset id",
                        List.of(new FieldProblem("metadata.name", "must match " + AssetId.PATTERN))));
        return store.find(id)
                .filter(asset -> visibility.isVisible(actor.scope(), asset))
                .map(asset -> new Live(document(asset), store.managers(id), asset.resourceVersion()));
    }

    @Override
    public boolean save(
            Actor actor, String name, JsonNode document, @Nullable Live live, Map<String, String> managers) {
        AssetSpec spec = spec(document);
        List<Problem> wrong = AssetRules.problems(spec);
        if (!wrong.isEmpty()) {
            throw invalid(wrong.stream()
                    .map(problem -> new Problem(
                            (problem.path().startsWith("labels") ? "metadata." : "spec.") + problem.path(),
                            problem.message()))
                    .toList());
        }
        Long seen = live == null ? null : live.resourceVersion();
        return assets.apply(actor, new AssetId(name), seen, spec, managers).outcome() != Outcome.UNCHANGED;
    }

    private static JsonNode document(Asset asset) {
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        FieldManagers.fields(asset).forEach((pointer, value) -> fields.put(pointer, StringNode.valueOf(value)));
        return FieldOwnership.unflatten(fields);
    }

    private static AssetSpec spec(JsonNode document) {
        List<Problem> found = new ArrayList<>();
        FieldReader reader = FieldReader.of("spec", document.get("spec"), found);
        Map<String, String> labels =
                FieldReader.of("metadata", document.get("metadata"), found).texts("labels");
        @Nullable Lifecycle lifecycle =
                reader.has("lifecycle") ? reader.choice("lifecycle", Lifecycle.class, Lifecycle.REGISTERED) : null;
        AssetSpec spec = new AssetSpec(
                reader.requiredText("type"),
                labels,
                reader.text("owner", ""),
                reader.text("region", ""),
                reader.text("site", ""),
                reader.text("hardware", ""),
                lifecycle);
        reader.finish();
        if (!found.isEmpty()) {
            throw invalid(found);
        }
        return spec;
    }

    private static Refusal invalid(List<Problem> problems) {
        return new Refusal(
                ErrorCode.INVALID,
                "the asset is not valid",
                problems.stream()
                        .map(problem -> new FieldProblem(problem.path(), problem.message()))
                        .toList());
    }
}
