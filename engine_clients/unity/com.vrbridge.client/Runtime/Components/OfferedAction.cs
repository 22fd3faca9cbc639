using System;
using System.Collections.Generic;
using VRBridge.Core;

namespace VRBridge
{
    /// <summary>An action that a script offers to a character.</summary>
    internal sealed class OfferedAction
    {
        private readonly string _name;
        private readonly string _description;
        private readonly BridgeMap _schema;

        internal OfferedAction(string name, string description, BridgeMap schema, Action<BridgeMap> callback)
        {
            _name = name;
            _description = description;
            _schema = schema;
            Callback = callback;
        }

        /// <summary>Called with the arguments; may be null.</summary>
        internal Action<BridgeMap> Callback { get; }

        /// <summary>Returns all actions as a request has them.</summary>
        internal static BridgeList OnWire(CharacterAction[] ofInspector, IEnumerable<OfferedAction> ofScripts)
        {
            var list = new BridgeList();
            foreach (CharacterAction each in ofInspector)
            {
                list.Add(OnWire(each.Name, each.Description, null));
            }
            foreach (OfferedAction each in ofScripts)
            {
                list.Add(OnWire(each._name, each._description, each._schema));
            }
            return list;
        }

        private static BridgeMap OnWire(string name, string description, BridgeMap schema)
        {
            return new BridgeMap
            {
                { "name", name },
                { "description", description },
                { "parameters", schema ?? new BridgeMap { { "type", "object" }, { "properties", new BridgeMap() } } },
            };
        }
    }
}
