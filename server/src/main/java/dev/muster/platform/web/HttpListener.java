package dev.muster.platform.web;

import dev.muster.platform.config.ListenAddress;
import dev.muster.platform.config.Setting;
import dev.muster.platform.config.Settings;
import java.util.List;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.Shutdown;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Where the management API listens. */
@Configuration(proxyBeanMethods = false)
public class HttpListener {
    public static final Setting<ListenAddress> LISTEN = Setting.address(
            "http-listen", "127.0.0.1:8080", "Where the management API listens; loopback only, it speaks no TLS.");

    public static final List<Setting<?>> SETTINGS = List.of(LISTEN);

    @Bean
    public TomcatServletWebServerFactory tomcat(Settings settings) {
        ListenAddress listen = settings.get(LISTEN);
        TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory();
        factory.setAddress(listen.socketAddress().getAddress());
        factory.setPort(listen.port());
        factory.setShutdown(Shutdown.GRACEFUL);
        return factory;
    }
}
