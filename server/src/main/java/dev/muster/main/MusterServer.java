package dev.muster.main;

import dev.muster.identity.FirstRun;
import dev.muster.platform.config.Settings;
import java.util.Map;
import java.util.Objects;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** The running server. */
public final class MusterServer implements AutoCloseable {
    private final ConfigurableApplicationContext context;

    private MusterServer(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /** Returns when it serves; throws when it cannot, with nothing left running. */
    public static MusterServer start(Settings settings) {
        ConfigurableApplicationContext context = new SpringApplicationBuilder(MusterApplication.class)
                .web(WebApplicationType.SERVLET)
                .properties(Map.of("spring.config.location", "classpath:/muster.properties"))
                .logStartupInfo(false)
                .registerShutdownHook(false)
                .initializers(fresh -> fresh.getBeanFactory().registerSingleton("settings", settings))
                .run();
        try {
            context.getBean(FirstRun.class).ensureAdmin();
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
        return new MusterServer(context);
    }

    /** Of the management API, for example {@code http://127.0.0.1:8080}. */
    public String httpUrl() {
        WebServer web = Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer(), "web server");
        return "http://127.0.0.1:" + web.getPort();
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    @Override
    public void close() {
        context.close();
    }
}
