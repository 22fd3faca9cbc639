// Draws materials and props in every state: from vertex colours alone to a full set of maps. It has no variants for maps,
// so nothing is compiled when they arrive, and builds can't strip what a scene needs only later.
Shader "VRBridge/Lit"
{
    Properties
    {
        _BaseMap ("Base colour", 2D) = "white" {}
        _BaseColor ("Colour", Color) = (1, 1, 1, 1)
        [NoScaleOffset] _BumpMap ("Normal", 2D) = "bump" {}
        [NoScaleOffset] _OrmMap ("Occlusion, roughness, metallic", 2D) = "white" {}
        _Metallic ("Metallic", Range(0, 1)) = 0
        _Roughness ("Roughness", Range(0, 1)) = 0.9
        _VertexColor ("Colours of vertices", Range(0, 1)) = 0
        [ToggleUI] _IsTriplanar ("By position", Float) = 0
        _TilesPerMetre ("Tiles a metre, by position", Vector) = (1, 1, 0, 0)
    }

    SubShader
    {
        PackageRequirements
        {
            "com.unity.render-pipelines.universal": "14.0"
        }
        Tags { "RenderPipeline" = "UniversalPipeline" "RenderType" = "Opaque" "Queue" = "Geometry" }

        HLSLINCLUDE
        #pragma target 3.5
        #include "Packages/com.unity.render-pipelines.universal/ShaderLibrary/Core.hlsl"

        CBUFFER_START(UnityPerMaterial)
            float4 _BaseMap_ST;
            half4 _BaseColor;
            float4 _TilesPerMetre;
            half _Metallic;
            half _Roughness;
            half _VertexColor;
            half _IsTriplanar;
        CBUFFER_END

        TEXTURE2D(_BaseMap);
        SAMPLER(sampler_BaseMap);
        TEXTURE2D(_BumpMap);
        SAMPLER(sampler_BumpMap);
        TEXTURE2D(_OrmMap);
        SAMPLER(sampler_OrmMap);
        #define VRBRIDGE_SAMPLE(map, uv) SAMPLE_TEXTURE2D(map, sampler##map, uv)
        #include "Surface.hlsl"

        struct Attributes
        {
            float4 positionOS : POSITION;
            float3 normalOS : NORMAL;
            float4 tangentOS : TANGENT;
            float4 color : COLOR;
            float2 uv : TEXCOORD0;
            UNITY_VERTEX_INPUT_INSTANCE_ID
        };

        struct Varyings
        {
            float4 positionCS : SV_POSITION;
            float3 positionWS : TEXCOORD0;
            float3 normalWS : TEXCOORD1;
            float4 tangentWS : TEXCOORD2;
            float4 color : TEXCOORD3;
            float2 uv : TEXCOORD4;
            half4 fogAndLight : TEXCOORD5;
            UNITY_VERTEX_INPUT_INSTANCE_ID
            UNITY_VERTEX_OUTPUT_STEREO
        };

        Varyings Transformed(Attributes input)
        {
            Varyings output = (Varyings)0;
            UNITY_SETUP_INSTANCE_ID(input);
            UNITY_TRANSFER_INSTANCE_ID(input, output);
            UNITY_INITIALIZE_VERTEX_OUTPUT_STEREO(output);
            VertexNormalInputs normals = GetVertexNormalInputs(input.normalOS, input.tangentOS);
            output.positionWS = TransformObjectToWorld(input.positionOS.xyz);
            output.positionCS = TransformWorldToHClip(output.positionWS);
            output.normalWS = normals.normalWS;
            output.tangentWS = float4(normals.tangentWS, input.tangentOS.w * GetOddNegativeScale());
            output.color = input.color;
            output.uv = TRANSFORM_TEX(input.uv, _BaseMap);
            return output;
        }

        VRBridgeLook Look(Varyings input)
        {
            float3 normalWS = normalize(input.normalWS);
            VRBridgeLook look;
            if (_IsTriplanar > 0.5)
            {
                look = VRBridgeByPosition(input.positionWS, normalWS, GetObjectToWorldMatrix());
            }
            else
            {
                float3 bitangentWS = cross(normalWS, input.tangentWS.xyz) * input.tangentWS.w;
                look = VRBridgeByUv(input.uv, normalWS, input.tangentWS.xyz, bitangentWS);
            }
            VRBridgeApplyFactors(look, input.color);
            return look;
        }
        ENDHLSL

        Pass
        {
            Name "Forward"
            // Drawn so by renderers that defer the light of others, too.
            Tags { "LightMode" = "UniversalForwardOnly" }

            HLSLPROGRAM
            #pragma vertex Vertex
            #pragma fragment Fragment
            #pragma multi_compile _ _MAIN_LIGHT_SHADOWS _MAIN_LIGHT_SHADOWS_CASCADE _MAIN_LIGHT_SHADOWS_SCREEN
            #pragma multi_compile _ _ADDITIONAL_LIGHTS_VERTEX _ADDITIONAL_LIGHTS
            #pragma multi_compile _ _FORWARD_PLUS _CLUSTER_LIGHT_LOOP
            #pragma multi_compile_fragment _ _ADDITIONAL_LIGHT_SHADOWS
            #pragma multi_compile_fragment _ _REFLECTION_PROBE_BLENDING
            #pragma multi_compile_fragment _ _REFLECTION_PROBE_BOX_PROJECTION
            #pragma multi_compile_fragment _ _SHADOWS_SOFT
            #pragma multi_compile_fragment _ _SCREEN_SPACE_OCCLUSION
            #pragma multi_compile_fog
            #pragma multi_compile_instancing
            #include "Packages/com.unity.render-pipelines.universal/ShaderLibrary/Lighting.hlsl"

            Varyings Vertex(Attributes input)
            {
                Varyings output = Transformed(input);
                half3 light = VertexLighting(output.positionWS, half3(output.normalWS));
                output.fogAndLight = half4(ComputeFogFactor(output.positionCS.z), light);
                return output;
            }

            half4 Fragment(Varyings input) : SV_Target
            {
                UNITY_SETUP_INSTANCE_ID(input);
                UNITY_SETUP_STEREO_EYE_INDEX_POST_VERTEX(input);
                VRBridgeLook look = Look(input);

                InputData place = (InputData)0;
                place.positionWS = input.positionWS;
                place.normalWS = look.normal;
                place.viewDirectionWS = GetWorldSpaceNormalizeViewDir(input.positionWS);
                place.normalizedScreenSpaceUV = GetNormalizedScreenSpaceUV(input.positionCS);
                #if defined(_MAIN_LIGHT_SHADOWS_SCREEN)
                place.shadowCoord = float4(place.normalizedScreenSpaceUV, 0, 1);
                #else
                place.shadowCoord = TransformWorldToShadowCoord(input.positionWS);
                #endif
                place.fogCoord = InitializeInputDataFog(float4(input.positionWS, 1), input.fogAndLight.x);
                place.vertexLighting = input.fogAndLight.yzw;
                place.bakedGI = SampleSH(half3(look.normal));
                place.shadowMask = half4(1, 1, 1, 1);

                SurfaceData surface = (SurfaceData)0;
                surface.albedo = look.baseColor;
                surface.metallic = look.metallic;
                surface.smoothness = 1 - look.roughness;
                surface.occlusion = look.occlusion;
                surface.normalTS = half3(0, 0, 1);
                surface.alpha = 1;

                half4 color = UniversalFragmentPBR(place, surface);
                return half4(MixFog(color.rgb, place.fogCoord), 1);
            }
            ENDHLSL
        }

        Pass
        {
            Name "ShadowCaster"
            Tags { "LightMode" = "ShadowCaster" }
            ColorMask 0

            HLSLPROGRAM
            #pragma vertex Vertex
            #pragma fragment Fragment
            #pragma multi_compile_instancing
            #pragma multi_compile_vertex _ _CASTING_PUNCTUAL_LIGHT_SHADOW
            #include "Packages/com.unity.render-pipelines.universal/ShaderLibrary/Lighting.hlsl"

            float3 _LightDirection;
            float3 _LightPosition;

            Varyings Vertex(Attributes input)
            {
                Varyings output = Transformed(input);
                #if defined(_CASTING_PUNCTUAL_LIGHT_SHADOW)
                float3 toLight = normalize(_LightPosition - output.positionWS);
                #else
                float3 toLight = _LightDirection;
                #endif
                output.positionCS = TransformWorldToHClip(ApplyShadowBias(output.positionWS, output.normalWS, toLight));
                #if UNITY_REVERSED_Z
                output.positionCS.z = min(output.positionCS.z, UNITY_NEAR_CLIP_VALUE);
                #else
                output.positionCS.z = max(output.positionCS.z, UNITY_NEAR_CLIP_VALUE);
                #endif
                return output;
            }

            half4 Fragment(Varyings input) : SV_Target
            {
                return 0;
            }
            ENDHLSL
        }

        Pass
        {
            Name "DepthOnly"
            Tags { "LightMode" = "DepthOnly" }
            ColorMask R

            HLSLPROGRAM
            #pragma vertex Transformed
            #pragma fragment Fragment
            #pragma multi_compile_instancing

            half Fragment(Varyings input) : SV_Target
            {
                UNITY_SETUP_STEREO_EYE_INDEX_POST_VERTEX(input);
                return input.positionCS.z;
            }
            ENDHLSL
        }

        Pass
        {
            Name "DepthNormals"
            Tags { "LightMode" = "DepthNormalsOnly" }

            HLSLPROGRAM
            #pragma vertex Transformed
            #pragma fragment Fragment
            #pragma multi_compile_instancing

            half4 Fragment(Varyings input) : SV_Target
            {
                UNITY_SETUP_INSTANCE_ID(input);
                UNITY_SETUP_STEREO_EYE_INDEX_POST_VERTEX(input);
                return half4(Look(input).normal, 0);
            }
            ENDHLSL
        }
    }

    SubShader
    {
        Tags { "RenderType" = "Opaque" "Queue" = "Geometry" }

        CGPROGRAM
        #pragma surface Surf Standard fullforwardshadows
        #pragma target 3.5

        sampler2D _BaseMap;
        sampler2D _BumpMap;
        sampler2D _OrmMap;
        half4 _BaseColor;
        float4 _TilesPerMetre;
        half _Metallic;
        half _Roughness;
        half _VertexColor;
        half _IsTriplanar;
        #define VRBRIDGE_SAMPLE(map, uv) tex2D(map, uv)
        #include "Surface.hlsl"

        struct Input
        {
            float2 uv_BaseMap;
            float3 worldPos;
            float3 worldNormal;
            float4 color : COLOR;
            INTERNAL_DATA
        };

        void Surf(Input IN, inout SurfaceOutputStandard o)
        {
            float3 tangentWS = WorldNormalVector(IN, float3(1, 0, 0));
            float3 bitangentWS = WorldNormalVector(IN, float3(0, 1, 0));
            float3 normalWS = WorldNormalVector(IN, float3(0, 0, 1));
            VRBridgeLook look;
            if (_IsTriplanar > 0.5)
            {
                look = VRBridgeByPosition(IN.worldPos, normalWS, unity_ObjectToWorld);
            }
            else
            {
                look = VRBridgeByUv(IN.uv_BaseMap, normalWS, tangentWS, bitangentWS);
            }
            VRBridgeApplyFactors(look, IN.color);
            o.Albedo = look.baseColor;
            o.Metallic = look.metallic;
            o.Smoothness = 1 - look.roughness;
            o.Occlusion = look.occlusion;
            o.Normal = float3(dot(tangentWS, look.normal), dot(bitangentWS, look.normal), dot(normalWS, look.normal));
        }
        ENDCG
    }

    FallBack "Diffuse"
}
