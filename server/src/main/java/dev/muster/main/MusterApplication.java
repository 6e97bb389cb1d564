package dev.muster.main;

import java.util.Map;
import org.springframework.aot.AotDetector;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.core.SpringProperties;
import org.springframework.util.ClassUtils;

/** All packages of the server as one Spring application. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration(exclude = UserDetailsServiceAutoConfiguration.class)
@ComponentScan("dev.muster")
public class MusterApplication {
    /** Asked by the build only, for the beans that there are: {@link Main} starts the server. */
    public static void main(String[] args) {
        builder().run(args);
    }

    /** Instead of looking through all classes for beans; a server that runs from classes alone does that. */
    static void useWhatTheBuildFound() {
        String found = MusterApplication.class.getName() + "__ApplicationContextInitializer";
        if (ClassUtils.isPresent(found, MusterApplication.class.getClassLoader())) {
            SpringProperties.setFlag(AotDetector.AOT_ENABLED);
        }
    }

    static SpringApplicationBuilder builder() {
        return new SpringApplicationBuilder(MusterApplication.class)
                .main(MusterApplication.class)
                .web(WebApplicationType.SERVLET)
                .properties(Map.of("spring.config.location", "classpath:/muster.properties"))
                .logStartupInfo(false)
                .registerShutdownHook(false);
    }
}
