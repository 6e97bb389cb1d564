package dev.muster.alert.rule;

import dev.muster.alert.declared.DeclaredObjects;
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

/** The alert rules that come with the server, loaded when it starts; one that somebody changed stays as it is. */
@Component
class ShippedAlertRules implements SmartInitializingSingleton {
    static final String WHERE = "classpath:alert-rules/*.yaml";
    private static final Logger LOG = LoggerFactory.getLogger(ShippedAlertRules.class);

    private final AlertRules kind;
    private final DeclaredObjects objects;

    ShippedAlertRules(AlertRules kind, DeclaredObjects objects) {
        this.kind = kind;
        this.objects = objects;
    }

    @Override
    public void afterSingletonsInstantiated() {
        try {
            for (Resource file : new PathMatchingResourcePatternResolver().getResources(WHERE)) {
                JsonNode document = YAMLMapper.shared().readTree(file.getContentAsByteArray());
                String name = document.path("metadata").path("name").stringValue();
                int version = document.path("version").intValue();
                if (objects.ship(kind, name, document.path("spec"), version)) {
                    LOG.info("alert rule {} loaded, shipped version {}", name, version);
                }
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException("shipped alert rules cannot be read from " + WHERE, unreadable);
        }
    }
}
