package dev.muster.runbook;

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

/** The runbooks that come with the server, loaded when it starts; one that somebody changed stays as it is. */
@Component
class ShippedRunbooks implements SmartInitializingSingleton {
    static final String WHERE = "classpath:runbooks/*.yaml";
    private static final Logger LOG = LoggerFactory.getLogger(ShippedRunbooks.class);

    private final Runbooks runbooks;

    ShippedRunbooks(Runbooks runbooks) {
        this.runbooks = runbooks;
    }

    @Override
    public void afterSingletonsInstantiated() {
        try {
            for (Resource file : new PathMatchingResourcePatternResolver().getResources(WHERE)) {
                JsonNode document = YAMLMapper.shared().readTree(file.getContentAsByteArray());
                String name = document.path("metadata").path("name").stringValue();
                int version = document.path("version").intValue();
                if (runbooks.ship(name, document.path("spec"), version)) {
                    LOG.info("runbook {} loaded, shipped version {}", name, version);
                }
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException("shipped runbooks cannot be read from " + WHERE, unreadable);
        }
    }
}
