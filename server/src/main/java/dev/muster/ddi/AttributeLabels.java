package dev.muster.ddi;

import dev.muster.gateway.port.Deployments.Mode;
import dev.muster.gateway.port.Deployments.Refused;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetRules;
import dev.muster.registry.asset.AssetService;
import dev.muster.registry.asset.AssetSpec;
import dev.muster.registry.asset.AssetStore;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/** Attributes that an asset tells, as its labels below {@code ddi/}: where it can say nothing that people say. */
@Component
class AttributeLabels {
    static final String PREFIX = "ddi/";
    /** Owner of these labels. */
    static final String MANAGER = "ddi";

    private static final int LEFT_TO_PEOPLE = 16;
    /** Somebody may change the asset at the same moment. */
    private static final int ATTEMPTS = 3;

    private final AssetStore assets;
    private final AssetService service;

    AttributeLabels(AssetStore assets, AssetService service) {
        this.assets = assets;
        this.service = service;
    }

    /** In a transaction of its own: said again, it changes nothing. */
    Optional<Refused> set(AssetId id, Mode mode, Map<String, String> attributes) {
        for (int left = ATTEMPTS; ; left--) {
            Optional<Asset> asset = assets.find(id);
            if (asset.isEmpty()) {
                return Optional.of(new Refused(404, "not_found", "asset " + id + " is not registered"));
            }
            Map<String, String> labels = merged(asset.get().labels(), mode, attributes);
            if (labels.equals(asset.get().labels())) {
                return Optional.empty();
            }
            try {
                AssetSpec spec = AssetSpec.of(asset.get()).with(labels).withLifecycle(null);
                service.replace(Actor.SYSTEM, id, spec, asset.get().resourceVersion(), MANAGER);
                return Optional.empty();
            } catch (Refusal refusal) {
                if (refusal.code() != ErrorCode.PRECONDITION_FAILED || left == 1) {
                    return Optional.of(new Refused(409, "refused", refusal.detail()));
                }
            }
        }
    }

    /** In the order of their names, as many as there is room for. */
    static Map<String, String> merged(Map<String, String> labels, Mode mode, Map<String, String> attributes) {
        Map<String, String> merged = new TreeMap<>(labels);
        if (mode == Mode.REPLACE) {
            merged.keySet().removeIf(key -> key.startsWith(PREFIX));
        }
        new TreeMap<>(attributes).forEach((name, value) -> {
            String key = key(name);
            if (mode == Mode.REMOVE) {
                merged.remove(key);
            } else if (AssetRules.LABEL_KEY.matcher(key).matches()
                    && (merged.containsKey(key) || merged.size() < AssetRules.MAX_LABELS - LEFT_TO_PEOPLE)) {
                merged.put(key, value.substring(0, Math.min(value.length(), AssetRules.MAX_LABEL_VALUE)));
            }
        });
        return merged;
    }

    private static String key(String name) {
        return PREFIX + name.replaceAll("[^A-Za-z0-9._-]", "_");
    }
}
