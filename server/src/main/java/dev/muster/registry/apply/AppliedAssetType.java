package dev.muster.registry.apply;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.registry.type.AssetTypeService;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Asset types, applied first: assets are of them. */
@Component
final class AppliedAssetType implements AppliedKind {
    private final AssetTypeService types;

    AppliedAssetType(AssetTypeService types) {
        this.types = types;
    }

    @Override
    public String wire() {
        return "AssetType";
    }

    @Override
    public Kind permission() {
        return Kind.ASSET_TYPE;
    }

    @Override
    public int order() {
        return 100;
    }

    @Override
    public Optional<Live> live(Actor actor, String name) {
        return types.find(name).map(stored -> Live.ofSpec(stored.spec(), stored.managers(), stored.resourceVersion()));
    }

    @Override
    public boolean save(
            Actor actor, String name, JsonNode document, @Nullable Live live, Map<String, String> managers) {
        types.save(actor, name, document.path("spec"), live == null ? null : live.resourceVersion(), managers);
        return true;
    }
}
