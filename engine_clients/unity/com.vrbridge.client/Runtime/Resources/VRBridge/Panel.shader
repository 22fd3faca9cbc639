// A flat colour with round corners that stay crisp at any size, in any pipeline.
Shader "VRBridge/Panel"
{
    Properties
    {
        _Color ("Colour", Color) = (0.06, 0.07, 0.1, 0.86)
        _Size ("Size in metres", Vector) = (1, 1, 0, 0)
        _Radius ("Radius of the corners in metres", Float) = 0
        [Enum(UnityEngine.Rendering.CompareFunction)] _ZTest ("Depth test", Float) = 4
    }

    SubShader
    {
        Tags { "RenderType" = "Transparent" "Queue" = "Transparent" "IgnoreProjector" = "True" }
        Blend SrcAlpha OneMinusSrcAlpha
        ZWrite Off
        ZTest [_ZTest]
        Cull Off

        Pass
        {
            CGPROGRAM
            #pragma vertex Vertex
            #pragma fragment Fragment
            #pragma multi_compile_instancing
            #include "UnityCG.cginc"

            half4 _Color;
            float4 _Size;
            float _Radius;

            struct Varyings
            {
                float4 positionCS : SV_POSITION;
                float2 uv : TEXCOORD0;
                UNITY_VERTEX_OUTPUT_STEREO
            };

            Varyings Vertex(appdata_base input)
            {
                Varyings output;
                UNITY_SETUP_INSTANCE_ID(input);
                UNITY_INITIALIZE_OUTPUT(Varyings, output);
                UNITY_INITIALIZE_VERTEX_OUTPUT_STEREO(output);
                output.positionCS = UnityObjectToClipPos(input.vertex);
                output.uv = input.texcoord.xy;
                return output;
            }

            half4 Fragment(Varyings input) : SV_Target
            {
                UNITY_SETUP_STEREO_EYE_INDEX_POST_VERTEX(input);
                float2 fromMiddle = abs((input.uv - 0.5) * _Size.xy) - _Size.xy * 0.5 + _Radius;
                float outside = length(max(fromMiddle, 0)) - _Radius;
                // Inside it doesn't change, and a step between equal ends has no value.
                float edge = max(fwidth(outside), 1e-5);
                half alpha = _Color.a * (1 - smoothstep(-edge, edge, outside));
                return half4(_Color.rgb, alpha);
            }
            ENDCG
        }
    }
}
