package dev.muster.registry.type;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The asset types that come with the server, loaded when it starts. */
@Component
class ShippedAssetTypes implements SmartInitializingSingleton {
    private static final Logger LOG = LoggerFactory.getLogger(ShippedAssetTypes.class);
    private static final String WHERE = "classpath:asset-types/*.yaml";

    private final AssetTypeService service;

    ShippedAssetTypes(AssetTypeService service) {
        this.service = service;
    }

    @Override
    public void afterSingletonsInstantiated() {
        try {
            for (Resource file : new PathMatchingResourcePatternResolver().getResources(WHERE)) {
                JsonNode document = YAMLMapper.shared().readTree(file.getContentAsByteArray());
                load(document.path("metadata").path("name").stringValue(), document);
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException("shipped asset types cannot be read from " + WHERE, unreadable);
        }
    }

    private void load(String name, JsonNode document) {
        int version = document.path("version").intValue();
        if (service.ship(name, document.path("spec"), version)) {
            LOG.info("asset type {} loaded, shipped version {}", name, version);
        }
    }
}
